// Reads scenario files. No environment, no feeder file, no network: what is wrong with a scenario
// by itself is found here, in the master as in the worker.
#pragma once

#include <string>
#include <vector>

#include "common/scenario.h"

namespace locust {

// `errors` is sorted by position; each is one line, "shop.yaml:14:7: unknown key 'wieght' in user
// class 'ShopUser'; did you mean 'weight'?". With errors the scenario is incomplete and of no use.
struct ParsedScenario {
  Scenario scenario;
  std::vector<std::string> errors;
};

// One file in memory, for tests and for scenarios that arrive over the wire.
struct ScenarioSource {
  std::string name;  // as shown in errors
  std::string text;
};

// Reads several files as one scenario. A folder stands for the *.yaml and *.yml files in it, by
// name. An entry may itself be a comma-separated list, as -f takes it. Without any user class it is
// of no use to anybody, which is an error.
ParsedScenario parse_scenario_files(const std::vector<std::string>& paths);
ParsedScenario parse_scenario(const std::vector<ScenarioSource>& sources);

}  // namespace locust
