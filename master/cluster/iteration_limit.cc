#include "master/cluster/iteration_limit.h"

#include <algorithm>

namespace locust::master {

void IterationLimit::share_out(const std::vector<std::pair<std::string, std::int64_t>>& users) {
  // The sums fit into an int, so the products below fit into 64 bits.
  std::int64_t all = 0;
  for (const auto& [id, count] : users) all += count;
  shares_.clear();
  std::int64_t before = 0;
  for (const auto& [id, count] : users) {
    const std::int64_t from = iterations_ * before / std::max<std::int64_t>(all, 1);
    before += count;
    shares_[id] = iterations_ * before / std::max<std::int64_t>(all, 1) - from;
  }
}

std::int64_t IterationLimit::share(const std::string& id) const {
  const auto found = shares_.find(id);
  return found == shares_.end() ? 0 : found->second;
}

}  // namespace locust::master
