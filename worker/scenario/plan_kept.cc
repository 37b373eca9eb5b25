// Determines which requests must keep their response: a conservative approximation.
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "worker/scenario/plan.h"

namespace locust::worker {
namespace {

void keep(RequestPlan& request, const ExprReads& reads) {
  request.keep_body |= reads.body;
  request.keep_headers |= reads.headers;
}

void add(ExprReads& reads, const ExprReads& more) {
  reads.body |= more.body;
  reads.headers |= more.headers;
}

std::vector<StepPlans*> inner_steps(StepPlan& step) {
  std::vector<StepPlans*> lists;
  if (auto* branch = std::get_if<IfPlan>(&step.action)) {
    lists = {&branch->then_steps, &branch->else_steps};
  } else if (auto* loop = std::get_if<LoopPlan>(&step.action)) {
    lists = {&loop->steps};
  } else if (auto* transaction = std::get_if<TransactionPlan>(&step.action)) {
    lists = {&transaction->steps};
  } else if (auto* request = std::get_if<RequestPlan>(&step.action)) {
    lists = {&request->after};
  } else if (auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
    lists = {&parallel->requests};
  } else if (auto* choose = std::get_if<ChoosePlan>(&step.action)) {
    for (ChoosePlan::Branch& b : choose->branches) lists.push_back(&b.steps);
  }
  return lists;
}

void keep_all(StepPlans& steps, const ExprReads& reads) {
  for (StepPlan& step : steps) {
    if (auto* request = std::get_if<RequestPlan>(&step.action)) keep(*request, reads);
    for (StepPlans* inner : inner_steps(step)) keep_all(*inner, reads);
  }
}

void insert(std::set<RequestPlan*>& into, const std::set<RequestPlan*>& more) {
  into.insert(more.begin(), more.end());
}

// The requests whose response may be current at a point of a list of steps.
struct Current {
  std::set<RequestPlan*> requests;
  bool passes = false;  // the response from before the list may still be current
};

// The effect of a list of steps on the current response.
struct Effect {
  ExprReads reads_at_entry;  // of the response that was current before the list
  Current end{.requests = {}, .passes = true};
  Current end_of_task;  // where steps of the list end the task
  Current retry;        // where they resend the request that has them in its `after`
};

void read(Effect& effect, const ExprReads& reads) {
  for (RequestPlan* request : effect.end.requests) keep(*request, reads);
  if (effect.end.passes) add(effect.reads_at_entry, reads);
}

// Adds a path to `there` from a point where the response is `before`.
void join(Current& there, const Current& before) {
  insert(there.requests, before.requests);
  there.passes |= before.passes;
}

// The same for a path through `inner`.
void join(Current& there, const Current& before, const Current& inner) {
  insert(there.requests, inner.requests);
  if (inner.passes) join(there, before);
}

// Walks the steps of one user class. Named steps have a different meaning for each class that runs
// them.
class Walk {
 public:
  explicit Walk(UserClassPlan& user) : user_(user) {}

  const Effect& effect(StepPlans& steps) {
    auto& effects = in_after_ ? effects_in_after_ : effects_;
    const auto known = effects.find(&steps);
    if (known != effects.end()) return known->second;
    Effect effect;
    for (StepPlan& step : steps) apply(step, effect);
    return effects.emplace(&steps, std::move(effect)).first->second;
  }

 private:
  void apply(StepPlan& step, Effect& effect) {
    read(effect, step.reads_before);
    if (auto* request = std::get_if<RequestPlan>(&step.action)) {
      keep(*request, step.reads_own);
      keep(*request, user_.reads_own);
      effect.end = {.requests = {request}, .passes = false};
      apply_after(*request, step.reads_before, effect);
    } else if (auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
      apply_parallel(*parallel, effect);
    } else if (const auto* run = std::get_if<RunPlan>(&step.action)) {
      apply_one_of({run->steps}, effect);
    } else if (auto* loop = std::get_if<LoopPlan>(&step.action)) {
      apply_loop(*loop, step.reads_before, effect);
    } else if (const auto lists = inner_steps(step); !lists.empty()) {
      apply_one_of(lists, effect);
    } else if (std::holds_alternative<EndTaskPlan>(step.action) ||
               std::holds_alternative<FailPlan>(step.action) ||
               std::holds_alternative<InterruptPlan>(step.action) ||
               std::holds_alternative<FeedPlan>(step.action) ||
               std::holds_alternative<StopTestPlan>(step.action) ||
               std::holds_alternative<StopUserPlan>(step.action)) {
      join(effect.end_of_task, effect.end);
    } else if (std::holds_alternative<RetryPlan>(step.action)) {
      join(effect.retry, effect.end);
    }
  }

  // Adds the start of `inner` to `effect`, without what follows it.
  static void enter(const Effect& inner, Effect& effect) {
    read(effect, inner.reads_at_entry);
    join(effect.end_of_task, effect.end, inner.end_of_task);
    join(effect.retry, effect.end, inner.retry);
  }

  // Exactly one of the lists runs.
  void apply_one_of(const std::vector<StepPlans*>& lists, Effect& effect) {
    Current end;
    for (StepPlans* list : lists) {
      const Effect& inner = this->effect(*list);
      enter(inner, effect);
      join(end, effect.end, inner.end);
    }
    effect.end = std::move(end);
  }

  void apply_parallel(ParallelPlan& parallel, Effect& effect) {
    for (StepPlan& step : parallel.requests) read(effect, step.reads_before);
    for (StepPlan& step : parallel.requests) {
      auto& request = std::get<RequestPlan>(step.action);
      keep(request, step.reads_own);
      keep(request, user_.reads_own);
      effect.end = {.requests = {&request}, .passes = false};
      apply_after(request, step.reads_before, effect);
    }
    effect.end = {.requests = {}, .passes = false};  // no response is current after it
  }

  // Each pass may be the first, the last or none; `reads` are those of the condition.
  void apply_loop(LoopPlan& loop, const ExprReads& reads, Effect& effect) {
    const Effect& inner = this->effect(loop.steps);
    enter(inner, effect);
    insert(effect.end.requests, inner.end.requests);
    read(effect, reads);
    enter(inner, effect);
  }

  // `reads` are those of the request's own texts, which a retry evaluates again.
  void apply_after(RequestPlan& request, const ExprReads& reads, Effect& effect) {
    const bool outer = std::exchange(in_after_, true);
    const Current outer_retry = std::exchange(effect.retry, {});
    if (!outer && !user_.after.empty()) apply_one_of({&user_.after}, effect);
    if (!request.after.empty()) apply_one_of({&request.after}, effect);
    for (RequestPlan* last : effect.retry.requests) keep(*last, reads);
    effect.retry = outer_retry;
    in_after_ = outer;
  }

  UserClassPlan& user_;
  bool in_after_ = false;
  std::unordered_map<const StepPlans*, Effect> effects_;
  std::unordered_map<const StepPlans*, Effect> effects_in_after_;
};

// The hooks and tasks of a user class or a task set, including those of nested sets.
template <typename Plan>
void add_steps(Plan& plan, std::vector<StepPlans*>& lists) {
  lists.push_back(&plan.on_start);
  for (TaskPlan& task : plan.tasks) {
    lists.push_back(&task.steps);
    add_steps(task, lists);
  }
  lists.push_back(&plan.on_stop);
}

std::vector<StepPlans*> all_steps(UserClassPlan& user) {
  std::vector<StepPlans*> lists;
  add_steps(user, lists);
  return lists;
}

}  // namespace

void mark_kept_responses(ScenarioPlan& plan) {
  for (UserClassPlan& user : plan.users) {
    Walk walk(user);
    std::vector<const Effect*> effects;
    for (StepPlans* steps : all_steps(user)) effects.push_back(&walk.effect(*steps));
    // Any of them may follow any other.
    ExprReads later;
    for (const Effect* effect : effects) add(later, effect->reads_at_entry);
    for (const Effect* effect : effects) {
      for (RequestPlan* request : effect->end.requests) keep(*request, later);
      for (RequestPlan* request : effect->end_of_task.requests) keep(*request, later);
    }
  }
  // A class's headers are evaluated before each request, its wait time after each task.
  ExprReads always;
  for (const UserClassPlan& user : plan.users) add(always, user.reads);
  for (auto& [name, steps] : plan.steps) keep_all(steps, always);
  for (UserClassPlan& user : plan.users) {
    keep_all(user.after, always);
    for (StepPlans* steps : all_steps(user)) keep_all(*steps, always);
  }
  for (UserClassPlan* hook : {plan.test_start.get(), plan.test_stop.get()}) {
    if (hook == nullptr) continue;
    Walk(*hook).effect(hook->on_start);
    keep_all(hook->on_start, always);
  }
}

}  // namespace locust::worker
