// How many events fell into each second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace locust {

// Stock's {second => count} dicts num_reqs_per_sec and num_fail_per_sec. Only seconds in which
// something happened take memory, 16 bytes each, and memory does not grow with the length of a run:
// beyond kMaxSeconds, or where it may not grow, the oldest are forgotten. Made for seconds that arrive
// roughly in order; any order is right.
class SecondCounts {
 public:
  static constexpr std::size_t kMaxSeconds = std::size_t{4} * 3600;
  static constexpr std::size_t kLeastSeconds = 120;  // that are remembered in any case

  struct Second {
    std::int64_t second = 0;  // since the epoch
    std::int64_t count = 0;
    friend bool operator==(const Second&, const Second&) = default;
  };

  void add(std::int64_t second, std::int64_t count = 1);
  void merge(const SecondCounts& other, bool may_grow = true);
  // Counts what lies before `first` in it, and what lies after `last` in that.
  void confine(std::int64_t first, std::int64_t last);
  // Dates every count so many seconds later.
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
