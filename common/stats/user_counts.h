// UserCounts: users of each class.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace locust {

// User class name to number of users. Names are unique.
using UserCounts = std::vector<std::pair<std::string, std::int64_t>>;

}  // namespace locust
