// IterationLimit: how --iterations is shared among the workers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace locust::master {

// Control thread. The shares of all workers together are `iterations`; each is fixed for the test,
// so that no worker has to ask during it. What a worker that is lost has not run is not run.
class IterationLimit {
 public:
  static constexpr std::int64_t kMax = std::int64_t{1} << 31;

  // 0: no limit. At most kMax.
  explicit IterationLimit(std::int64_t iterations) : iterations_(iterations) {}

  bool is_set() const { return iterations_ > 0; }
  // For a new test: shares in proportion to these numbers of users, by worker.
  void share_out(const std::vector<std::pair<std::string, std::int64_t>>& users);
  // A worker begins anew in the same test: it may have run its share.
  void take_back(const std::string& id) { shares_.erase(id); }
  // 0 for a worker that had no users to come, or that came later.
  std::int64_t share(const std::string& id) const;

 private:
  const std::int64_t iterations_;
  std::map<std::string, std::int64_t> shares_;
};

}  // namespace locust::master
