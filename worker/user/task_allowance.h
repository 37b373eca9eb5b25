// TaskAllowance: how many tasks the users of a worker together may yet begin in a test (the master's
// --iterations).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace locust::worker {

// The loop's thread.
class TaskAllowance {
 public:
  // For a new test; nothing: as many as they like.
  void set(std::optional<std::uint64_t> tasks);
  // A task begins. Only where the allowance is not used up.
  void take() {
    ++begun_;
    if (--left_ == 0) tell();
  }
  // How many have begun since the last call, with an allowance or without.
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
