#include "common/scenario_arguments.h"

#include <algorithm>

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
  OptionTable table(Program::kWorker, "");
  table.allow_unknown();
  std::optional<std::string> file;
  table.add("--locustfile", file);
  return table.parse(argc, argv, getenv).proceed ? file : std::nullopt;
}

void add_argument_options(OptionTable& table, const std::vector<ArgumentSpec>& arguments,
                          ArgumentValues& values) {
  for (const ArgumentSpec& argument : arguments) {
    table.add_argument(names_of(argument.name), environment_name(argument.name),
                       values[argument.name], argument.help);
  }
}

}  // namespace locust
