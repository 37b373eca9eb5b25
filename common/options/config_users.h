// --config-users: attributes of user classes from the command line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace locust {

// One entry, as in stock (argument_parser.py json_user_config). The master uses weights and fixed
// counts; the worker uses host and tasks.
struct UserConfig {
  std::string user_class_name;
  std::optional<double> weight = std::nullopt;
  std::optional<int> fixed_count = std::nullopt;
  std::optional<std::string> host = std::nullopt;
  std::optional<std::vector<std::string>> tasks = std::nullopt;  // the names of those to run
  std::map<std::string, std::string> others = {};  // further attributes, of Python only, as JSON
};

// Each argument is a JSON object, a list of objects, or the path of a file that contains either.
Result<std::vector<UserConfig>> parse_config_users(const std::vector<std::string>& arguments);

// Why these entries are invalid for classes that are not in Python: they set further attributes.
// nullopt if they are valid.
std::optional<std::string> attribute_problem(const std::vector<UserConfig>& configs);

}  // namespace locust
