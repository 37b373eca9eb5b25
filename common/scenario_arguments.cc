#include "common/scenario_arguments.h"

#include <algorithm>
#include <string_view>

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

std::optional<std::string> find_locustfile(int argc, const char* const* argv,
                                           const std::function<const char*(const char*)>& getenv) {
  std::optional<std::string> found;
  if (const char* value = getenv("LOCUST_LOCUSTFILE"); value != nullptr && *value != '\0') {
    found = value;
  }
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") break;
    if (argument == "-f" || argument == "--locustfile") {
      if (++i < argc) found = argv[i];
    } else if (argument.starts_with("--locustfile=")) {
      found = argument.substr(std::string_view("--locustfile=").size());
    } else if (argument.starts_with("-f") && argument.size() > 2) {
      found = argument.substr(argument[2] == '=' ? 3 : 2);
    }
  }
  return found;
}

void add_argument_options(OptionTable& table, const std::vector<ArgumentSpec>& arguments,
                          ArgumentValues& values) {
  for (const ArgumentSpec& argument : arguments) {
    table.add_argument(names_of(argument.name), environment_name(argument.name),
                       values[argument.name], argument.help);
  }
}

}  // namespace locust
