// TaskAllowance: limits the number of tasks that all users of a worker start in a test (the
// master's --iterations).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace locust::worker {

// Used on the loop's thread.
class TaskAllowance {
 public:
  // Sets the limit of a new test; nullopt for none.
  void set(std::optional<std::uint64_t> tasks);
  // Counts a task that starts. Requires !used_up().
  void take() {
    ++begun_;
    if (--left_ == 0) tell();
  }
  // Returns the number of tasks started since the last call, also without a limit.
  std::uint64_t take_begun() { return std::exchange(begun_, 0); }
  bool used_up() const { return left_ == 0; }

 private:
  void tell() const;

  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t all_ = kUnlimited;
  std::uint64_t left_ = kUnlimited;
  std::uint64_t begun_ = 0;
};

}  // namespace locust::worker
