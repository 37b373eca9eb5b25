// Compiles the requests of a plan: URL, name, body, settings, checks and saves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/scenario/scenario.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/plan_text.h"

namespace locust::worker {

class RequestCompiler {
 public:
  RequestCompiler(const Scenario& scenario, ScenarioRuntime& runtime, TextCompiler& texts)
      : scenario_(scenario), runtime_(runtime), texts_(texts) {}

  // Everything except its `after`, which consists of steps.
  RequestPlan compile(const RequestStep& spec, SourcePos pos);

  // Also for user classes. Returns null if there are none.
  std::unique_ptr<const RequestSettingsPlan> settings(const RequestSettings& spec);
  // Sets `status_is_checked` if one of them reads it.
  std::vector<CheckPlan> checks(const std::vector<CheckSpec>& specs, bool& status_is_checked);

 private:
  void compile_url(const RequestStep& spec, SourcePos pos, RequestPlan& plan);
  void compile_body(const RequestStep& spec, SourcePos pos, RequestPlan& plan);
  CompiledMultipart compile_multipart(const MultipartBody& spec);
  CompiledFile compile_file(const TextTemplate& path);

  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  TextCompiler& texts_;
};

}  // namespace locust::worker
