// Histogram: how often each duration up to an hour occurred, at three significant digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.h"

namespace locust {

// Whole microseconds below 1024 are buckets of their own; above, every power of two is divided into
// 512, so a value is within a thousandth of its bucket's (the layout that HdrHistogram made known).
// Longer durations than kMax count as kMax, negative ones as zero.
//
// Memory follows what was added: one KiB for each of the up to 95 groups of 128 neighbouring
// buckets that holds something, nothing while empty. Adding to a group that exists allocates
// nothing. A plain value.
class Histogram {
 public:
  static constexpr Duration kMax = std::chrono::hours(1);
  static constexpr std::size_t kBuckets = 12123;

  // `index` is less than kBuckets. Indexes mean the same in every process, whatever its version.
  struct Bucket {
    std::size_t index = 0;
    std::int64_t count = 0;
    bool operator==(const Bucket&) const = default;
  };

  static std::size_t index_of(Duration duration);
  // The middle of the bucket.
  static Duration value_of(std::size_t index);

  void add(Duration duration) { add({index_of(duration), 1}); }
  // Counts are not negative; sums stop at the largest number.
  void add(Bucket bucket);
  void merge(const Histogram& other);
  void clear();  // keeps the memory

  bool empty() const { return count_ == 0; }
  std::int64_t count() const { return count_; }
  std::size_t memory() const { return counts_.size() * sizeof(std::int64_t); }  // bytes
  // Those that are not empty, ascending.
  std::vector<Bucket> buckets() const;

  // The duration within which `percent` (0.0 to 1.0) of all were; nothing if it is empty. The rank
  // is stock's (stats.py calculate_response_time_percentile): of ten, 0.5 gives the sixth.
  std::optional<Duration> percentile(double percent) const { return percentile_since({}, percent); }
  // The same of what was added since `old`, a copy of this histogram, was taken.
  std::optional<Duration> percentile_since(const Histogram& old, double percent) const;

 private:
  static constexpr std::size_t kGroup = 128;

  // Calls see(bucket) for every one that is not empty, ascending, until it returns false.
  template <typename See>
  void walk(See see) const;
  std::int64_t count_of(std::size_t index) const;

  std::int64_t count_ = 0;
  std::vector<std::uint8_t> places_;  // by group: its place in counts_ plus one; 0: not there
  std::vector<std::int64_t> counts_;  // groups in order of first use
};

}  // namespace locust
