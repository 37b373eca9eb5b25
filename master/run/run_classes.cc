#include "master/run/run_classes.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "common/base/log.h"

namespace locust::master {

std::vector<std::string> names_of_classes(const UserClassCatalog& catalog) {
  std::vector<std::string> names;
  for (const DispatchClass& user_class : catalog.classes()) names.push_back(user_class.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> missing_classes(const UserClassCatalog& catalog) {
  if (const auto unknown = catalog.unknown_selected(); !unknown.empty()) {
    return fmt::format("Unknown User(s): {}", fmt::join(unknown, ", "));
  }
  if (const auto unknown = catalog.unknown_configured(); !unknown.empty()) {
    return fmt::format("--config-users names unknown user classes: {}", fmt::join(unknown, ", "));
  }
  if (catalog.classes().empty()) {
    return "No User class found! Give each worker a scenario with -f that has one, with a weight "
           "above 0 here and in --config-users";
  }
  return std::nullopt;
}

void note_fixed_counts(const UserClassCatalog& catalog, std::int64_t users) {
  std::int64_t total = 0;
  for (const DispatchClass& user_class : catalog.classes()) total += user_class.fixed_count;
  if (total <= users) return;
  log::main().info(
      "Total fixed_count of User classes ({}) is greater than the specified number of users ({}), "
      "so not all will be spawned.",
      total, users);
}

}  // namespace locust::master
