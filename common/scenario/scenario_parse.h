// Reads scenario files. No environment, no feeder file, no network but for URLs: what is wrong with a scenario
// by itself is found here, in the master as in the worker.
#pragma once

#include <string>
#include <vector>

#include "common/scenario/scenario.h"

namespace locust {

// One file in memory.
struct ScenarioSource {
  std::string name;  // as shown in errors
  std::string text;
};

// `errors` is sorted by position; each is one line, "shop.yaml:14:7: unknown key 'wieght' in user
// class 'ShopUser'; did you mean 'weight'?". With errors the scenario is incomplete and of no use.
struct ParsedScenario {
  Scenario scenario;
  std::vector<std::string> errors;
  std::vector<ScenarioSource> sources = {};  // what parse_scenario_files has read
};

// Reads several files as one scenario. Entries are as -f takes them (locustfile_paths.h); a folder
// stands for the *.yaml and *.yml files in it, a URL for what it gives. Without any user class a
// scenario is of no use to anybody, which is an error.
ParsedScenario parse_scenario_files(const std::vector<std::string>& paths);
ParsedScenario parse_scenario(const std::vector<ScenarioSource>& sources);

}  // namespace locust
