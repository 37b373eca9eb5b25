// Histogram: counts durations of up to an hour with three significant digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.h"

namespace locust {

// Whole microseconds below 1024 are buckets of their own; above, every power of two is divided into
// 512, so a value differs from its bucket's by at most 0.1 % (the layout of HdrHistogram).
// Durations above kMax count as kMax, negative ones as zero.
//
// Memory depends on what was added: one KiB for each non-empty group of 128 adjacent buckets, of
// which there are 95; none while empty. Adding to an existing group does not allocate. A plain
// value.
class Histogram {
 public:
  static constexpr Duration kMax = std::chrono::hours(1);
  static constexpr std::size_t kBuckets = 12123;

  // `index` is less than kBuckets. Indexes have the same meaning in every process of any version.
  struct Bucket {
    std::size_t index = 0;
    std::int64_t count = 0;
    bool operator==(const Bucket&) const = default;
  };

  static std::size_t index_of(Duration duration);
  // The middle of the bucket.
  static Duration value_of(std::size_t index);

  void add(Duration duration) { add({index_of(duration), 1}); }
  // Counts are not negative; sums saturate.
  void add(Bucket bucket);
  void merge(const Histogram& other);
  void clear();  // keeps the memory

  bool empty() const { return count_ == 0; }
  std::int64_t count() const { return count_; }
  std::size_t memory() const { return counts_.size() * sizeof(std::int64_t); }  // bytes
  // The buckets that are not empty, ascending.
  std::vector<Bucket> buckets() const;

  // The percentile for `percent` (0.0 to 1.0); nullopt if the histogram is empty. The rank is
  // stock's (stats.py calculate_response_time_percentile): 0.5 of ten values is the sixth.
  std::optional<Duration> percentile(double percent) const { return percentile_since({}, percent); }
  // The same for what was added since `old`, a copy of this histogram, was taken.
  std::optional<Duration> percentile_since(const Histogram& old, double percent) const;

 private:
  static constexpr std::size_t kGroup = 128;

  // Calls see(bucket) for every non-empty bucket, ascending, until it returns false.
  template <typename See>
  void walk(See see) const;
  std::int64_t count_of(std::size_t index) const;

  std::int64_t count_ = 0;
  std::vector<std::uint8_t> places_;  // by group: its index in counts_ plus one; 0: none
  std::vector<std::int64_t> counts_;  // groups in order of first use
};

}  // namespace locust
