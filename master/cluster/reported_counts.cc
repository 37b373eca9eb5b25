#include "master/cluster/reported_counts.h"

#include <algorithm>

namespace locust::master {

UserCounts bounded_counts(const UserCounts& reported) {
  UserCounts result;
  for (const auto& [name, count] : reported) {
    if (result.size() == kMaxClassesPerWorker) break;
    if (name.size() > kMaxClassNameBytes) continue;
    result.emplace_back(name, std::clamp<std::int64_t>(count, 0, kMaxUsersOfClass));
  }
  return result;
}

std::vector<std::string> class_names(const UserCounts& reported) {
  std::vector<std::string> names;
  for (const auto& [name, count] : reported) {
    if (name.size() <= kMaxClassNameBytes) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  if (names.size() > kMaxClassesPerWorker) names.resize(kMaxClassesPerWorker);
  return names;
}

bool same_names(const UserCounts& a, const UserCounts& b) {
  return std::ranges::equal(a, b, {}, &UserCounts::value_type::first,
                            &UserCounts::value_type::first);
}

}  // namespace locust::master
