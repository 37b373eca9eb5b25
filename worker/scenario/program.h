// ScenarioProgram: a scenario as the user classes of a worker.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "common/scenario.h"
#include "worker/scenario/plan.h"
#include "worker/user/user_class.h"

namespace locust::worker {

struct CompiledScenario;

// Owns everything that users of the scenario refer to; outlives the UserPool. Make it before the
// loop's thread starts, then leave it to that thread.
class ScenarioProgram {
 public:
  // What a user class brings to the pool, in file order. May be called more than once.
  std::vector<UserClass> user_classes() const;
  const Scenario& scenario() const { return scenario_; }
  const std::list<Feeder>& feeders() const { return plan_.feeders; }

  // The index that the master gave this worker, for expressions. The loop's thread only.
  void set_worker_index(int index) { runtime_->worker_index = index; }
  // A new test begins, for which the master expects so many workers. The loop's thread only.
  void begin_test(std::int64_t expect_workers);

 private:
  friend CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment);
  ScenarioProgram(Scenario scenario, EnvironmentLookup environment);

  const Scenario scenario_;
  std::unique_ptr<ScenarioRuntime> runtime_;
  std::vector<std::string> errors_;
  ScenarioPlan plan_;
  std::vector<TaskList> task_lists_;  // in the order of plan_.users
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
