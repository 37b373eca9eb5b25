// ScenarioProgram: a scenario as the user classes of a worker.
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
#include "worker/scenario/plan.h"
#include "worker/scenario/scenario_tasks.h"
#include "worker/user/run_options.h"
#include "worker/user/user_class.h"

namespace locust::worker {

struct CompiledScenario;

// Owns everything that users of the scenario refer to; outlives the UserPool. Make it before the
// loop's thread starts, then leave it to that thread.
class ScenarioProgram {
 public:
  // What a user class brings to the pool, in file order. May be called more than once.
  std::vector<UserClass> user_classes() const;
  // test_start and test_stop as classes of one user that ends by itself; nothing if the file has
  // none.
  std::optional<UserClass> test_start() const { return hook("test_start", plan_.test_start.get()); }
  std::optional<UserClass> test_stop() const { return hook("test_stop", plan_.test_stop.get()); }
  const Scenario& scenario() const { return scenario_; }
  const std::list<Feeder>& feeders() const { return plan_.feeders; }
  const ScenarioPlan& plan() const { return plan_; }
  // What the file says of an engine for its users.
  EngineOptions engine_options() const;

  // What the worker's own command line and environment say of arguments; before the loop starts.
  void give_argument(const std::string& name, ExprValue value);
  // --equal-weights: all classes, and all tasks of a class, have the same weight; before the loop
  // starts.
  void assign_equal_weights();
  // --config-users: host and tasks of classes; before the loop starts. An error names those that
  // this scenario does not have.
  Result<void> configure(const std::vector<UserConfig>& configs);
  // What `stop_test` calls, on the loop's thread; before the loop starts.
  void on_stop_test(std::function<void()> stop_test) { runtime_->stop_test = std::move(stop_test); }
  // Who is told what the users do, while there are none; outlives them. Null: nobody.
  void trace_to(ScenarioTrace* trace) { runtime_->trace = trace; }
  // Where the requests of all users come from, instead of what the file says; before the loop
  // starts.
  void set_source_ips(const std::vector<std::string>& addresses);
  // -T and -E of the worker, for masters that say nothing of tags; before the loop starts.
  void set_own_tags(std::vector<std::string> tags, std::vector<std::string> exclude_tags);

  // What the master says of the present test; comes with each of its spawn messages. A value that
  // it leaves out is the worker's own, or the file's default. Values of `secret` arguments are
  // masked from now on (common/base/mask.h). This and all below: the loop's thread only.
  void set_options(const RunOptions& options);
  // A test begins, for which the master expects so many workers: takes the tasks whose tags the
  // options ask for, closes what all_spawned() opens.
  void begin_test(std::int64_t expect_workers);
  // The master says that the ramp is over.
  void all_spawned() { runtime_->all_spawned.open(); }
  // The tasks of a class are these from now on, whatever their tags (update_user_class).
  void set_tasks(const std::string& class_name, std::vector<std::string> tasks);
  // The index that the master gave this worker, for expressions.
  void set_worker_index(int index) { runtime_->worker_index = index; }

 private:
  friend CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment);
  ScenarioProgram(Scenario scenario, EnvironmentLookup environment);

  std::optional<std::string> problem_of_host(const UserClassSpec& spec,
                                             const std::string& host) const;
  std::optional<UserClass> hook(const char* name, const UserClassPlan* plan) const;
  void choose_tasks();
  void declare_secrets() const;

  const Scenario scenario_;
  std::unique_ptr<ScenarioRuntime> runtime_;
  std::vector<std::string> errors_;
  ScenarioPlan plan_;
  std::list<ScenarioTasks> tasks_;  // in the order of plan_.users
  bool equal_weights_ = false;
  TaskList no_tasks_;                                             // of the hooks
  std::map<std::string, std::vector<std::string>> chosen_tasks_;  // by class
  TagFilter own_filter_;
  TagFilter filter_;  // of the present test
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
