// Response times of one statistics entry: a histogram of about 310 buckets, and copies of it from
// the last seconds, from which the percentiles of the last ten seconds are computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/number.h"
#include "common/stats/histogram.h"

namespace locust {

// The histogram key of a response time in milliseconds: about two significant digits, always an
// integer; exact ties go to the even neighbour (docs/protocol.md §5.2, stock's
// bucket_response_time). Not for NaN or infinity.
Number bucket_response_time(const Number& response_time_ms);

// Stock's {response time: count} dict. Keys are equal as Python's are (4000 and 4000.0 are one
// bucket) and keep the kind of the first one seen. Only clear() removes buckets. Adding to an
// existing bucket does not allocate. Beyond kMaxBuckets, which is reached only by keys that are not
// rounded as above, or if the histogram may not grow, a time counts in the next existing bucket.
class ResponseTimes {
 public:
  static constexpr std::size_t kMaxBuckets = 4096;

  struct Bucket {
    Number response_time;
    std::int64_t count = 0;
  };
  // The counts at some moment; valid for its histogram until clear().
  using Snapshot = std::vector<std::int64_t>;

  void add(const Number& response_time, std::int64_t count = 1, bool may_grow = true);
  void merge(const ResponseTimes& other, bool may_grow = true);
  void clear();  // keeps the memory
  void reserve(std::size_t buckets);

  bool empty() const { return order_.empty(); }
  std::size_t size() const { return order_.size(); }
  std::size_t memory() const;  // bytes
  // Ascending by response time; i < size().
  Bucket operator[](std::size_t i) const {
    return {order_[i].response_time, counts_[order_[i].slot]};
  }

  Snapshot snapshot() const { return counts_; }

  // The response time within which `percent` (0.0 to 1.0) of `num_requests` requests finished
  // (stats.py calculate_response_time_percentile); 0 if the histogram has too few entries.
  Number percentile(std::int64_t num_requests, double percent) const;
  // The same for what was added since `old` was taken (diff_response_time_dicts).
  Number percentile_since(const Snapshot& old, std::int64_t num_requests, double percent) const;

 private:
  struct Position {
    Number response_time;
    std::uint32_t slot = 0;
  };
  std::uint32_t slot_of(const Number& response_time, bool may_grow);
  void fill_table();

  std::vector<Position> order_;       // ascending by response time
  std::vector<std::int64_t> counts_;  // by slot, in order of first appearance: cheap to snapshot
  // Slot + 1 of the usual keys (see table_index), or 0: finds a bucket in one step where a binary
  // search would miss the cache in each of its steps. Empty as long as keys arrive in ascending
  // order, as in a report that is only merged.
  std::vector<std::uint16_t> table_;
};

// Copies of a histogram of the last 20 seconds with samples, keyed by second (stats.py
// StatsEntry.response_times_cache, _cache_response_times).
class ResponseTimesCache {
 public:
  static constexpr std::size_t kMaxCopies = 20;

  struct Copy {
    std::int64_t second = 0;
    ResponseTimes::Snapshot counts;
    std::int64_t num_timed_requests = 0;  // num_requests - num_none_requests
    Histogram precise;                    // of the same requests; empty if it is not kept
  };

  // Stores or replaces the copy of that second; the oldest stored one beyond 20 is dropped.
  void store(std::int64_t second, const ResponseTimes& response_times,
             std::int64_t num_timed_requests, Histogram precise = {});
  void clear() { copies_.clear(); }

  // The copy from about ten seconds before `second`: of the seconds 2 to 18 before it the nearest
  // to ten, the older of two equally near; nullptr if there is none.
  const Copy* about_ten_seconds_before(std::int64_t second) const;

 private:
  const Copy* find(std::int64_t second) const;

  std::vector<Copy> copies_;  // in order of first storing
};

}  // namespace locust
