// IterationLimit: divides --iterations among the workers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace locust::master {

// Control thread. The shares of all workers add up to `iterations`; each is fixed for the test, so
// that workers need not ask during it. The rest of a lost worker's share is not run.
class IterationLimit {
 public:
  static constexpr std::int64_t kMax = std::int64_t{1} << 31;

  // 0: no limit. At most kMax.
  explicit IterationLimit(std::int64_t iterations) : iterations_(iterations) {}

  bool is_set() const { return iterations_ > 0; }
  // Call for a new test: shares are proportional to these numbers of users, by worker.
  void share_out(const std::vector<std::pair<std::string, std::int64_t>>& users);
  // Call when a worker registers again in the same test: it may already have run its share.
  void take_back(const std::string& id) { shares_.erase(id); }
  // 0 for a worker that was to get no users, or that joined later.
  std::int64_t share(const std::string& id) const;

 private:
  const std::int64_t iterations_;
  std::map<std::string, std::int64_t> shares_;
};

}  // namespace locust::master
