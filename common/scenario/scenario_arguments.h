// A scenario's `arguments` as options of the command line: --api-key, LOCUST_API_KEY.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/options/options.h"
#include "common/scenario/scenario.h"

namespace locust {

// The given values, by argument. Values of secret arguments must not be logged.
using ArgumentValues = std::map<std::string, std::optional<std::string>>;

// The test file if -f is not given: locustfile.yaml, otherwise locustfile.py, if the working
// directory has one.
std::optional<std::string> default_locustfile();
inline constexpr const char kNoScenario[] =
    "no scenario: give one with -f FILE, or put locustfile.yaml or locustfile.py into the working "
    "directory";

// `values` gets one entry per argument and must outlive the parsing.
void add_argument_options(OptionTable& table, const std::vector<ArgumentSpec>& arguments,
                          ArgumentValues& values);

}  // namespace locust
