// LogLimiter: keeps a noisy peer from filling the log.
#pragma once

#include <cstdint>

#include "common/base/clock.h"

namespace locust {

// Allows kBurst lines per second and counts the others. Not thread-safe.
class LogLimiter {
 public:
  static constexpr int kBurst = 10;

  explicit LogLimiter(const Clock& clock) : clock_(clock) {}

  // Returns whether a line may be written now. If so, suppressed() is the number of lines that were
  // refused since the last allowed one.
  bool allow() {
    const TimePoint now = clock_.now();
    if (now - second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      written_ = 0;
    }
    if (written_ == kBurst) {
      ++pending_;
      return false;
    }
    ++written_;
    suppressed_ = pending_;
    pending_ = 0;
    return true;
  }
  std::int64_t suppressed() const { return suppressed_; }

 private:
  const Clock& clock_;
  TimePoint second_began_{};
  int written_ = 0;
  std::int64_t pending_ = 0;
  std::int64_t suppressed_ = 0;
};

}  // namespace locust
