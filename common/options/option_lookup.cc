#include "common/options/option_lookup.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/base/nearest_name.h"
#include "common/options/option_specs.h"
#include "common/options/option_values.h"

namespace locust {
namespace {

bool has_name(const CLI::Option& option, std::string_view name) {
  const std::vector<std::string>& names = option.get_lnames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Arguments of a scenario are among the options in stock too.
bool is_known_in_stock(const CLI::Option* option) {
  const OptionSpec* spec = find_option_spec(long_name(*option));
  return spec == nullptr || is_in_stock(*spec);
}

// "--user=5" as "--users=5".
Result<std::string> in_full(const CLI::App& app, const std::string& argument) {
  if (!argument.starts_with("--") || argument.size() == 2) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  const std::string given = argument.substr(2, end - 2);
  const auto option = find_option(app, given);
  if (!option) return Error{"ambiguous option: --" + given + ' ' + option.error()};
  if (*option == nullptr || has_name(**option, given)) return argument;
  return long_name(**option) + argument.substr(end);
}

}  // namespace

std::string long_name(const CLI::Option& option) { return "--" + option.get_lnames().front(); }

Result<const CLI::Option*> find_option(const CLI::App& app, std::string_view name) {
  std::vector<const CLI::Option*> matches;
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string>& known = option->get_lnames();
    if (has_name(*option, name)) return option;
    const auto match = std::find_if(known.begin(), known.end(), [name](const std::string& each) {
      return each.starts_with(name);
    });
    if (match == known.end()) continue;
    matches.push_back(option);
    names += (names.empty() ? "--" : ", --") + *match;
  }
  if (matches.empty()) return nullptr;
  if (matches.size() > 1) {
    const auto only = std::find_if(matches.begin(), matches.end(), is_known_in_stock);
    if (std::count_if(matches.begin(), matches.end(), is_known_in_stock) == 1) return *only;
    return Error{"could match " + names};
  }
  return matches.front();
}

Result<std::vector<std::string>> in_full(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool only_positionals = false;
  for (int i = 1; i < argc; ++i) {
    only_positionals |= std::string_view(argv[i]) == "--";
    auto full = only_positionals ? Result<std::string>(argv[i]) : in_full(app, argv[i]);
    if (!full) return Error{full.error()};
    arguments.push_back(shielded(*std::move(full)));
  }
  return arguments;
}

// Stock compares the argument including its value, which can hide a short name; then the name alone
// is compared.
std::string suggestion(const CLI::App& app, std::string_view argument) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& letter : option->get_snames()) names.push_back('-' + letter);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = nearest_name(argument, known);
  if (!nearest.empty()) return std::string(nearest);
  return std::string(nearest_name(argument.substr(0, argument.find('=')), known));
}

std::string unknown_arguments(const CLI::App& app) {
  std::string text = "unrecognized arguments:";
  for (const std::string& argument : app.remaining()) text += ' ' + argument;
  const std::string known = suggestion(app, app.remaining().front());
  if (!known.empty()) text += "\nDid you mean " + in_quotes(known) + "?";
  return text;
}

}  // namespace locust
