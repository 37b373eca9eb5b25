// ScenarioProgram: the TestProgram of a YAML scenario.
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

// Owns everything that users of the scenario refer to; must outlive the UserPool. Create it before
// the loop's thread starts; then only that thread may use it.
class ScenarioProgram final : public TestProgram {
 public:
  const Scenario& scenario() const { return *scenario_; }
  const std::list<Feeder>& feeders() const { return plan_.feeders; }
  const ScenarioPlan& plan() const { return plan_; }

  // Sets an argument from the worker's own command line or environment. Before the loop starts.
  void give_argument(const std::string& name, ExprValue value);
  // --equal-weights: gives all classes, and all tasks of a class, the same weight. Before the loop
  // starts.
  void assign_equal_weights();
  // --config-users: sets host and tasks of classes. Before the loop starts. The error names classes
  // and tasks that this scenario does not have.
  Result<void> configure(const std::vector<UserConfig>& configs);
  // Sets what `stop_test` calls, on the loop's thread, if there is no worker. Before the loop
  // starts.
  void on_stop_test(std::function<void()> stop_test) { runtime_->stop_test = std::move(stop_test); }
  // Sets the listener to the users' steps; may be null. Call it while there are no users. `trace`
  // must outlive them.
  void trace_to(ScenarioTrace* trace) { runtime_->trace = trace; }
  // Sets the source addresses of all users' requests, instead of the file's. Before the loop
  // starts.
  void set_source_ips(const std::vector<std::string>& addresses);
  // -T and -E of the worker, for masters that do not send tags. Before the loop starts.
  void set_own_tags(std::vector<std::string> tags, std::vector<std::string> exclude_tags);

  std::optional<int> begin(const std::string& client_id, WorkerControl& worker) override;
  // In file order.
  std::vector<UserClass> user_classes() const override;
  TestHooks hooks() const override;
  EngineOptions engine_options() const override;
  std::vector<proto::ClassInfo> class_infos() const override;
  FileDigests files() const override;
  void set_worker_index(int index) override { runtime_->worker_index = index; }
  // If the master does not send a value, the worker's own or the file's default applies. Values of
  // `secret` arguments are masked from now on (common/base/mask.h).
  void set_options(const RunOptions& options) override;
  // Selects the tasks by their tags and closes the gate that all_spawned() opens.
  void begin_test(const TestSettings& settings) override;
  void all_spawned() override { runtime_->all_spawned.open(); }
  // The tags of these tasks do not matter.
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

// `program` is null if there are errors: those that only a worker can find, such as an environment
// variable that is needed but not set. Each is one line with its position.
struct CompiledScenario {
  std::unique_ptr<ScenarioProgram> program;
  std::vector<std::string> errors;
};

// `scenario` must have been parsed without errors. `environment` returns the values of env.NAME.
CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment);

}  // namespace locust::worker
