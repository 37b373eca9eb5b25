// Users of each class, and what of a worker's numbers is believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace locust::master {

// User class name to number of users, as a worker reports them: names are unique, numbers not
// negative.
using UserCounts = std::vector<std::pair<std::string, std::int64_t>>;

// Of a worker's report. Names beyond these bounds are ignored, numbers are clamped.
inline constexpr std::size_t kMaxClassNameBytes = 1024;
inline constexpr std::size_t kMaxClassesPerWorker = 10'000;
inline constexpr std::int64_t kMaxUsersOfClass = std::int64_t{1} << 30;  // on a worker

UserCounts bounded_counts(const UserCounts& reported);
// Sorted.
std::vector<std::string> class_names(const UserCounts& reported);
// Whether both have the same names in the same order.
bool same_names(const UserCounts& a, const UserCounts& b);

}  // namespace locust::master
