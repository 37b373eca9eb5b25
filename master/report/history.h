// History: the values of a test over time, for charts. Its memory is bounded for tests of any
// length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/stats/stats.h"

namespace locust::master {

// The rows of the heat map: upper bounds in milliseconds, eight per power of ten, from 0.1 ms to
// 100 s. A last row, without a bound, has the longer times.
std::vector<double> heat_bounds();

// The number of an entry's response times in each row: up to each of `bounds_ms`, which ascend, and
// above the last. With three digits if known, otherwise with two.
std::vector<std::int64_t> count_by_bounds(const StatsEntry& entry,
                                          const std::vector<double>& bounds_ms);

// One moment of a chart. Rates are per second; times are milliseconds, nullopt without
// requests.
struct HistoryPoint {
  double time = 0;  // of its end, seconds since the epoch
  std::int64_t user_count = 0;
  double requests = 0;
  double failures = 0;
  std::optional<double> average = std::nullopt;
  std::vector<std::optional<double>> percentiles = {};  // one for each of History's
  std::vector<std::int64_t> heat = {};                  // by row
};

struct HistoryMarker {
  enum class Kind { kStart, kEdit, kStop, kReset, kEnd };
  double time = 0;
  Kind kind = Kind::kStart;
  std::string text = {};
};

// The view for readers on other threads. Shares the points, which are immutable.
struct HistoryView {
  int interval = 1;  // seconds per point
  std::vector<std::shared_ptr<const HistoryPoint>> points;
  std::vector<HistoryMarker> markers;
  // Readers that have points from before this time must discard them: they were merged, or belong
  // to another test.
  double complete_since = 0;
  std::uint64_t version = 0;  // grows with every change
};

// Used on the control thread. A second is added once all workers have had time to report it.
class History {
 public:
  static constexpr std::size_t kMaxPoints = 3'600;
  static constexpr std::size_t kMaxMarkers = 1'000;
  static constexpr double kSettleTime = 5;  // seconds; workers report every three
  static constexpr std::size_t kReported = 3;
  static constexpr std::size_t kWindow = 10;  // seconds, of averages and percentiles

  // The data at the end of one second. Sums are since the start of the test.
  struct Sample {
    double time = 0;
    std::int64_t user_count = 0;
    double total_response_time = 0;
    std::int64_t num_timed_requests = 0;
    std::vector<std::optional<double>> percentiles = {};  // of the last ten seconds
    std::vector<std::int64_t> heat = {};                  // as count_by_bounds
  };

  // Starts a new test.
  void begin(double time);
  // Call once per second of the test. `total` has the counts of the seconds.
  void add(Sample sample, const StatsEntry& total);
  // Call at the end of the test, after the last reports: adds the last seconds.
  void finish(const StatsEntry& total);
  // Call before the statistics, which have this `total`, are reset within the test.
  void before_reset(const StatsEntry& total);
  // The oldest are dropped beyond kMaxMarkers.
  void mark(HistoryMarker marker);

  const HistoryView& view() const { return view_; }

 private:
  void spread_heat(std::vector<std::int64_t> sums);
  void settle(const StatsEntry& total);
  void append(HistoryPoint point);
  void merge_pairs();

  HistoryView view_;
  std::deque<Sample> open_;  // not settled yet; `heat` has the counts of that second only
  struct Counts {
    std::int64_t requests = 0;
    std::int64_t failures = 0;
  };
  std::map<std::int64_t, Counts> carried_;  // by second: those of open samples before a reset
  std::deque<Sample> window_;               // the last kWindow of all, for the average
  std::vector<HistoryPoint> partial_;       // parts of the next point, if it covers several seconds
  std::vector<std::int64_t> last_heat_;
};

}  // namespace locust::master
