// Steps of a plan: control structures, and requests by way of RequestCompiler.
#pragma once

#include <string>

#include "common/scenario.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/plan_request.h"
#include "worker/scenario/plan_text.h"

namespace locust::worker {

// The feeders, named steps and tasks that steps refer to must be in `plan` before these are
// compiled; the class whose tasks `run` may name is the last of plan.users.
class StepCompiler {
 public:
  StepCompiler(ScenarioPlan& plan, TextCompiler& texts, RequestCompiler& requests)
      : plan_(plan), texts_(texts), requests_(requests) {}

  StepPlans compile(const StepList& steps);

 private:
  StepPlan compile_step(const ScenarioStep& step);
  RequestPlan compile_request(const RequestStep& spec, SourcePos pos);
  SetPlan compile_set(const SetStep& spec);
  AddPlan compile_add(const AddStep& spec);
  ParallelPlan compile_parallel(const ParallelStep& spec);
  LoopPlan compile_loop(const LoopStep& spec);
  ChoosePlan compile_choose(const ChooseStep& spec);
  // The parser has made sure that there is what they look for.
  Feeder* find_feeder(const std::string& name);
  StepPlans* find_steps(const std::string& name);

  ScenarioPlan& plan_;
  TextCompiler& texts_;
  RequestCompiler& requests_;
};

}  // namespace locust::worker
