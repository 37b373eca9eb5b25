// Bounds on the user counts that a worker reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/stats/user_counts.h"

namespace locust::master {

// Names beyond these bounds are ignored, numbers are clamped.
inline constexpr std::size_t kMaxClassNameBytes = 1024;
inline constexpr std::size_t kMaxClassesPerWorker = 10'000;
inline constexpr std::int64_t kMaxUsersOfClass = std::int64_t{1} << 30;  // on a worker

UserCounts bounded_counts(const UserCounts& reported);
// Sorted.
std::vector<std::string> class_names(const UserCounts& reported);
// Whether both have the same names in the same order.
bool same_names(const UserCounts& a, const UserCounts& b);

}  // namespace locust::master
