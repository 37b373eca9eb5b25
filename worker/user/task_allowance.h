// TaskAllowance: how many more tasks the users of a worker may start together in a test (the
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
  // Call for a new test; nullopt: unlimited.
  void set(std::optional<std::uint64_t> tasks);
  // Call when a task starts. Only if the allowance is not used up.
  void take() {
    ++begun_;
    if (--left_ == 0) tell();
  }
  // How many tasks have started since the last call, also without an allowance.
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
