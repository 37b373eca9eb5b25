// Reads scenario files. Uses neither the environment nor feeder files, and the network only for
// URLs. Finds all errors of a scenario that do not depend on these, in the master as in the worker.
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
// class 'ShopUser'; did you mean 'weight'?". With errors the scenario is incomplete and must not be
// used.
struct ParsedScenario {
  Scenario scenario;
  std::vector<std::string> errors;
  std::vector<ScenarioSource> sources = {};  // what parse_scenario_files has read
};

// Reads several files as one scenario. Entries are those of -f (locustfile_paths.h): a folder means
// its *.yaml and *.yml files, a URL is downloaded. A scenario without a user class is an error.
ParsedScenario parse_scenario_files(const std::vector<std::string>& paths);
ParsedScenario parse_scenario(const std::vector<ScenarioSource>& sources);

}  // namespace locust
