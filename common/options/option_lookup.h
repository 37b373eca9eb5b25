// Finds the options of a parser by name, as argparse does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace locust {

// "--users".
std::string long_name(const CLI::Option& option);

// The option with this name, or the one whose name starts with it, as in argparse. Of several, it
// is the only one that stock or the scenario has, so that native options do not change stock's
// abbreviations. Null if there is none. The error lists the candidates.
Result<const CLI::Option*> find_option(const CLI::App& app, std::string_view name);

// The arguments with their options' full names: "--user=5" as "--users=5".
Result<std::vector<std::string>> in_full(const CLI::App& app, int argc, const char* const* argv);

// The option most similar to an unknown argument; empty if there is none.
std::string suggestion(const CLI::App& app, std::string_view argument);

// The error if the parser has remaining arguments.
std::string unknown_arguments(const CLI::App& app);

}  // namespace locust
