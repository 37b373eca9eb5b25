#include "common/scenario/scenario_arguments.h"

#include <algorithm>
#include <filesystem>

#include "common/options/option_table.h"

namespace locust {
namespace {

std::string names_of(const std::string& name) {
  std::string dashed = name;
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  return dashed == name ? "--" + name : "--" + dashed + ",--" + name;
}

std::string environment_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return "LOCUST_" + name;
}

}  // namespace

std::optional<std::string> default_locustfile() {
  std::error_code ignored;
  for (const char* file : {"locustfile.yaml", "locustfile.py"}) {
    if (std::filesystem::is_regular_file(file, ignored)) return file;
  }
  return std::nullopt;
}

void add_argument_options(OptionTable& table, const std::vector<ArgumentSpec>& arguments,
                          ArgumentValues& values) {
  for (const ArgumentSpec& argument : arguments) {
    BoundOption option =
        table.add_argument(names_of(argument.name), environment_name(argument.name),
                           values[argument.name], argument.help);
    if (!argument.choices.empty()) option.one_of(argument.choices);
  }
}

}  // namespace locust
