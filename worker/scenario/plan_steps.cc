#include "worker/scenario/plan_steps.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "worker/scenario/plan_reads.h"

namespace locust::worker {

StepPlans StepCompiler::compile(const StepList& steps) {
  StepPlans plans;
  plans.reserve(steps.size());
  for (const ScenarioStep& step : steps) plans.push_back(compile_step(step));
  return plans;
}

StepPlan StepCompiler::compile_step(const ScenarioStep& step) {
  StepPlan plan;
  plan.pos = step.pos;
  if (const auto* request = std::get_if<RequestStep>(&step.action)) {
    plan.action = compile_request(*request, step.pos);
  } else if (const auto* set = std::get_if<SetStep>(&step.action)) {
    plan.action = compile_set(*set);
  } else if (const auto* headers = std::get_if<HeadersStep>(&step.action)) {
    plan.action = HeadersPlan{texts_.headers(headers->headers)};
  } else if (const auto* cookies = std::get_if<CookiesStep>(&step.action)) {
    plan.action = CookiesPlan{texts_.headers(cookies->cookies)};
  } else if (std::holds_alternative<NewSessionStep>(step.action)) {
    plan.action = NewSessionPlan{};
  } else if (const auto* wait = std::get_if<WaitStep>(&step.action)) {
    plan.action =
        WaitPlan{wait->seconds ? texts_.check(*wait->seconds->root, wait->seconds->pos) : nullptr};
  } else if (std::holds_alternative<StopTestStep>(step.action)) {
    plan.action = StopTestPlan{};
  } else if (const auto* run = std::get_if<RunStep>(&step.action)) {
    plan.action = RunPlan{find_steps(run->name), run->name};
  } else if (const auto* feed = std::get_if<FeedStep>(&step.action)) {
    plan.action = FeedPlan{find_feeder(feed->feeder)};
  } else if (const auto* added = std::get_if<AddStep>(&step.action)) {
    plan.action = compile_add(*added);
  } else if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) {
    plan.action = compile_parallel(*parallel);
  } else if (const auto* branch = std::get_if<IfStep>(&step.action)) {
    plan.action = IfPlan{texts_.check(*branch->condition.root, branch->condition.pos),
                         compile(branch->then_steps), compile(branch->else_steps)};
  } else if (const auto* loop = std::get_if<LoopStep>(&step.action)) {
    plan.action = compile_loop(*loop);
  } else if (const auto* choose = std::get_if<ChooseStep>(&step.action)) {
    plan.action = compile_choose(*choose);
  } else if (const auto* log = std::get_if<LogStep>(&step.action)) {
    plan.action = LogPlan{texts_.text(log->text)};
  } else if (const auto* fail = std::get_if<FailStep>(&step.action)) {
    plan.action = FailPlan{texts_.text(fail->text)};
  } else if (std::holds_alternative<EndTaskStep>(step.action)) {
    plan.action = EndTaskPlan{};
  } else if (std::holds_alternative<InterruptStep>(step.action)) {
    plan.action = InterruptPlan{};
  } else if (std::holds_alternative<StopUserStep>(step.action)) {
    plan.action = StopUserPlan{};
  } else if (const auto* transaction = std::get_if<TransactionStep>(&step.action)) {
    plan.action = TransactionPlan{texts_.text(transaction->name), compile(transaction->steps)};
  } else if (const auto* retry = std::get_if<RetryStep>(&step.action)) {
    plan.action = RetryPlan{retry->times};
  }
  note_reads(plan);
  return plan;
}

RequestPlan StepCompiler::compile_request(const RequestStep& spec, SourcePos pos) {
  RequestPlan plan = requests_.compile(spec, pos);
  plan.after = compile(spec.after);
  return plan;
}

SetPlan StepCompiler::compile_set(const SetStep& spec) {
  SetPlan plan;
  for (const SetStep::Assignment& assignment : spec.assignments) {
    plan.assignments.push_back({assignment.slot, texts_.value(assignment.value)});
  }
  return plan;
}

AddPlan StepCompiler::compile_add(const AddStep& spec) {
  AddPlan plan;
  for (const AddStep::Row& row : spec.rows) {
    CompiledValue::Map values;
    for (const NamedValue& column : row.columns) {
      values.emplace_back(column.name, texts_.value(column.value));
    }
    plan.rows.push_back({find_feeder(row.feeder), {std::move(values)}});
  }
  return plan;
}

ParallelPlan StepCompiler::compile_parallel(const ParallelStep& spec) {
  ParallelPlan plan;
  if (spec.list) plan.list = texts_.value(*spec.list);
  plan.slot = spec.slot;
  for (const ParallelRequest& request : spec.requests) {
    StepPlan& step = plan.requests.emplace_back();
    step.pos = request.pos;
    step.action = compile_request(request.request, request.pos);
    note_reads(step);
  }
  return plan;
}

LoopPlan StepCompiler::compile_loop(const LoopStep& spec) {
  LoopPlan plan;
  if (spec.repeat) plan.repeat = texts_.value(*spec.repeat);
  plan.slot = spec.slot;
  if (spec.condition) plan.condition = texts_.check(*spec.condition->root, spec.condition->pos);
  if (spec.within) plan.within = texts_.value(*spec.within);
  plan.steps = compile(spec.steps);
  return plan;
}

ChoosePlan StepCompiler::compile_choose(const ChooseStep& spec) {
  ChoosePlan plan;
  double weights = 0;
  for (const ChooseStep::Branch& branch : spec.branches) {
    weights += branch.weight;
    plan.branches.push_back({weights, compile(branch.steps)});
  }
  return plan;
}

Feeder* StepCompiler::find_feeder(const std::string& name) {
  const auto found = std::find_if(plan_.feeders.begin(), plan_.feeders.end(),
                                  [&](const Feeder& f) { return f.spec().name == name; });
  return &*found;
}

StepPlans* StepCompiler::find_steps(const std::string& name) {
  if (const auto named = plan_.steps.find(name); named != plan_.steps.end()) {
    return &named->second;
  }
  for (auto tasks = scopes_.rbegin(); tasks != scopes_.rend(); ++tasks) {
    for (TaskPlan& task : **tasks) {
      if (task.spec->name == name) return &task.steps;
    }
  }
  return nullptr;
}

}  // namespace locust::worker
