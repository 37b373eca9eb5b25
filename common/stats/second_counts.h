// Counts of events per second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace locust {

// Stock's {second => count} dicts num_reqs_per_sec and num_fail_per_sec. Only seconds with events
// take memory, 16 bytes each. Memory does not grow with the length of a run: beyond kMaxSeconds, or
// if it may not grow, the oldest seconds are dropped. Optimized for seconds that arrive roughly in
// order; any order is correct.
class SecondCounts {
 public:
  static constexpr std::size_t kMaxSeconds = std::size_t{4} * 3600;
  static constexpr std::size_t kLeastSeconds = 120;  // that are always kept

  struct Second {
    std::int64_t second = 0;  // since the epoch
    std::int64_t count = 0;
    friend bool operator==(const Second&, const Second&) = default;
  };

  void add(std::int64_t second, std::int64_t count = 1);
  void merge(const SecondCounts& other, bool may_grow = true);
  // Moves counts before `first` to `first`, and counts after `last` to `last`.
  void confine(std::int64_t first, std::int64_t last);
  // Shifts every count by this many seconds.
  void shift(std::int64_t seconds);
  void clear() { seconds_.clear(); }  // keeps the memory
  void reserve(std::size_t seconds) { seconds_.reserve(seconds); }

  // 0 for a second without events.
  std::int64_t count(std::int64_t second) const;
  // Ascending by second.
  const std::vector<Second>& seconds() const { return seconds_; }
  std::size_t memory() const { return seconds_.capacity() * sizeof(Second); }  // bytes

 private:
  void insert(std::int64_t second, std::int64_t count, std::size_t limit);

  std::vector<Second> seconds_;
};

}  // namespace locust
