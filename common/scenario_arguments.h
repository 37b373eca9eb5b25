// A scenario's `arguments` as options of the command line: --api-key, LOCUST_API_KEY.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/options.h"
#include "common/scenario.h"

namespace locust {

// What was given, by argument. Values of secret ones must not get into any log.
using ArgumentValues = std::map<std::string, std::optional<std::string>>;

// The value of -f that table.parse() will find, in any of its sources, so that the options which the
// file adds are known before. Nothing where the command line is wrong: table.parse() will tell.
std::optional<std::string> find_locustfile(int argc, const char* const* argv,
                                           const std::function<const char*(const char*)>& getenv);

// `values` gets one entry per argument and must outlive the parsing.
void add_argument_options(OptionTable& table, const std::vector<ArgumentSpec>& arguments,
                          ArgumentValues& values);

}  // namespace locust
