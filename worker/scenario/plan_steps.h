// Compiles the steps of a plan: control structures, and requests through RequestCompiler.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "common/scenario/scenario.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/plan_request.h"
#include "worker/scenario/plan_text.h"

namespace locust::worker {

// Requires that `plan` already has the feeders and named steps that the steps refer to.
class StepCompiler {
 public:
  StepCompiler(ScenarioPlan& plan, TextCompiler& texts, RequestCompiler& requests)
      : plan_(plan), texts_(texts), requests_(requests) {}

  StepPlans compile(const StepList& steps);

  // Until leave(), `run` may refer to these tasks, before those that were entered earlier.
  void enter(std::list<TaskPlan>& tasks) { scopes_.push_back(&tasks); }
  void leave() { scopes_.pop_back(); }

 private:
  StepPlan compile_step(const ScenarioStep& step);
  RequestPlan compile_request(const RequestStep& spec, SourcePos pos);
  SetPlan compile_set(const SetStep& spec);
  AddPlan compile_add(const AddStep& spec);
  ParallelPlan compile_parallel(const ParallelStep& spec);
  LoopPlan compile_loop(const LoopStep& spec);
  ChoosePlan compile_choose(const ChooseStep& spec);
  // The parser has checked that the name exists.
  Feeder* find_feeder(const std::string& name);
  StepPlans* find_steps(const std::string& name);

  ScenarioPlan& plan_;
  TextCompiler& texts_;
  RequestCompiler& requests_;
  std::vector<std::list<TaskPlan>*> scopes_;
};

}  // namespace locust::worker
