// The texts that locust-worker prints about a scenario instead of running it.
#pragma once

#include <cstdint>
#include <string>

#include "common/scenario/scenario.h"
#include "worker/scenario/scenario_program.h"

namespace locust::worker {

// --list, as stock prints it.
std::string describe_user_classes(const Scenario& scenario);

// --show-task-ratio and --show-task-ratio-json, as stock prints them (user/inspectuser.py). `users`
// is --users; if it is 0, i.e. not given, the shares of classes follow their weights.
std::string describe_task_ratio(const Scenario& scenario, std::int64_t users);
std::string describe_task_ratio_json(const Scenario& scenario, std::int64_t users);

// --validate: a summary of the files.
std::string describe_program(const ScenarioProgram& program);

}  // namespace locust::worker
