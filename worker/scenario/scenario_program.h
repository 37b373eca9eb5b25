// ScenarioProgram: a YAML scenario as what a worker runs.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/options/config_users.h"
#include "common/scenario/scenario.h"
#include "worker/program.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/scenario_tasks.h"

namespace locust::worker {

struct CompiledScenario;

// Owns everything that users of the scenario refer to; outlives the UserPool. Make it before the
// loop's thread starts, then leave it to that thread.
class ScenarioProgram final : public TestProgram {
 public:
  const Scenario& scenario() const { return *scenario_; }
  const std::list<Feeder>& feeders() const { return plan_.feeders; }
  const ScenarioPlan& plan() const { return plan_; }

  // What the worker's own command line and environment say of arguments; before the loop starts.
  void give_argument(const std::string& name, ExprValue value);
  // --equal-weights: all classes, and all tasks of a class, have the same weight; before the loop
  // starts.
  void assign_equal_weights();
  // --config-users: host and tasks of classes; before the loop starts. An error names those that
  // this scenario does not have.
  Result<void> configure(const std::vector<UserConfig>& configs);
  // What `stop_test` calls, on the loop's thread, while no worker is there; before the loop starts.
  void on_stop_test(std::function<void()> stop_test) { runtime_->stop_test = std::move(stop_test); }
  // Gets what the users do; set while there are none, outlives them. May be null.
  void trace_to(ScenarioTrace* trace) { runtime_->trace = trace; }
  // Where the requests of all users come from, instead of what the file says; before the loop
  // starts.
  void set_source_ips(const std::vector<std::string>& addresses);
  // -T and -E of the worker, for masters that say nothing of tags; before the loop starts.
  void set_own_tags(std::vector<std::string> tags, std::vector<std::string> exclude_tags);

  std::optional<int> begin(const std::string& client_id, WorkerControl& worker) override;
  // In file order.
  std::vector<UserClass> user_classes() const override;
  TestHooks hooks() const override;
  EngineOptions engine_options() const override;
  std::vector<proto::ClassInfo> class_infos() const override;
  FileDigests files() const override;
  void set_worker_index(int index) override { runtime_->worker_index = index; }
  // A value that the master leaves out is the worker's own, or the file's default. Values of
  // `secret` arguments are masked from now on (common/base/mask.h).
  void set_options(const RunOptions& options) override;
  // Takes the tasks whose tags the options ask for, closes what all_spawned() opens.
  void begin_test(const TestSettings& settings) override;
  void all_spawned() override { runtime_->all_spawned.open(); }
  // Whatever their tags.
  void set_tasks(const std::string& class_name, std::vector<std::string> tasks) override;
  void disconnect() override { on_stop_test({}); }

 private:
  friend CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment);
  ScenarioProgram(Scenario scenario, EnvironmentLookup environment);

  std::optional<std::string> problem_of_host(const UserClassSpec& spec,
                                             const std::string& host) const;
  std::optional<UserClass> hook(const char* name, const UserClassPlan* plan) const;
  void choose_tasks();
  void declare_secrets() const;

  const std::unique_ptr<const Scenario> scenario_;
  std::unique_ptr<ScenarioRuntime> runtime_;
  std::vector<std::string> errors_;
  ScenarioPlan plan_;
  std::list<ScenarioTasks> tasks_;  // in the order of plan_.users
  bool equal_weights_ = false;
  TaskList no_tasks_;                                             // of the hooks
  std::map<std::string, std::vector<std::string>> chosen_tasks_;  // by class
  TagFilter own_filter_;
  TagFilter filter_;  // of the current test
};

// `program` is null if there are errors: what only a worker can find, such as an environment
// variable that a text needs and that is not set. Each is one line with its place.
struct CompiledScenario {
  std::unique_ptr<ScenarioProgram> program;
  std::vector<std::string> errors;
};

// `scenario` was parsed without errors. `environment` is asked for the values of env.NAME.
CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment);

}  // namespace locust::worker
