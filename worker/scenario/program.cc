#include "worker/scenario/program.h"

#include <utility>

#include "worker/scenario/run.h"

namespace locust::worker {
namespace {

TaskList make_task_list(const UserClassPlan& user) {
  std::vector<Task> tasks;
  for (const TaskPlan& plan : user.tasks) {
    Task& task = tasks.emplace_back();
    task.name = plan.spec->name;
    task.weight = plan.spec->weight;
    task.run = [steps = &plan.steps](TaskSet& set) {
      static_cast<ScenarioUser&>(set.user()).run_steps(*steps);
    };
  }
  return TaskList(std::move(tasks));
}

}  // namespace

ScenarioProgram::ScenarioProgram(Scenario scenario, EnvironmentLookup environment)
    : scenario_(std::move(scenario)),
      runtime_(std::make_unique<ScenarioRuntime>(std::move(environment))),
      plan_(compile_plan(scenario_, *runtime_, errors_)) {
  for (const UserClassPlan& user : plan_.users) task_lists_.push_back(make_task_list(user));
}

std::vector<UserClass> ScenarioProgram::user_classes() const {
  std::vector<UserClass> classes;
  for (const UserClassPlan& user : plan_.users) {
    const TaskList& tasks = task_lists_[classes.size()];
    UserClass& user_class = classes.emplace_back();
    user_class.name = user.spec->name;
    user_class.weight = user.spec->weight;
    user_class.fixed_count = user.spec->fixed_count;
    user_class.host = user.host;
    user_class.create = [this, &user, &tasks](const UserEnvironment& environment) {
      return std::make_unique<ScenarioUser>(environment, user, tasks, scenario_, *runtime_);
    };
  }
  return classes;
}

void ScenarioProgram::begin_test(std::int64_t expect_workers) {
  for (Feeder& feeder : plan_.feeders) feeder.begin_test(runtime_->worker_index, expect_workers);
}

CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment) {
  CompiledScenario compiled;
  compiled.program.reset(new ScenarioProgram(std::move(scenario), std::move(environment)));
  if (compiled.program->scenario().users.empty()) {
    compiled.program->errors_.push_back("there is no user class: 'users' is missing");
  }
  compiled.errors = std::move(compiled.program->errors_);
  if (!compiled.errors.empty()) compiled.program.reset();
  return compiled;
}

}  // namespace locust::worker
