// Thresholds: conditions for a good run, such as "GET /api/orders: p95 < 500ms".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace locust {

enum class ThresholdMetric {
  kFailRatio,
  kFailures,
  kRequests,
  kRps,
  kAvg,
  kMin,
  kMax,
  kPercentile,  // the median too
};

enum class ThresholdOp { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

struct Threshold {
  std::string method;  // with `name`: the row of the statistics; both empty: Aggregated
  std::string name;
  std::string condition;  // as written, "p95 < 500ms"
  ThresholdMetric metric = ThresholdMetric::kRequests;
  double percentile = 0;  // of kPercentile, above 0 up to 1
  ThresholdOp op = ThresholdOp::kLess;
  double limit = 0;                   // milliseconds, a ratio up to 1, or a number
  Duration after = Duration::zero();  // requests before this run time do not count
  bool abort = false;                 // ends the test when it does not hold

  bool is_aggregated() const { return name.empty(); }
  // "GET /api/orders", "Aggregated".
  std::string row() const { return is_aggregated() ? "Aggregated" : method + " " + name; }
};

// Either `thresholds` is not empty, or `message` is the error.
struct ParsedThresholds {
  std::vector<Threshold> thresholds;
  std::size_t offset = 0;  // of the error in the parsed text
  std::string message;
  bool wrong_row = false;  // the error is in the row
};

// "METRIC OP VALUE[, …]", for the row "TYPE NAME" of the statistics; an empty `row` and
// "Aggregated" are the total.
ParsedThresholds parse_conditions(std::string_view row, std::string_view conditions);
// "[TYPE NAME:] METRIC OP VALUE[, …]".
ParsedThresholds parse_thresholds(std::string_view text);

// Whether `value` holds.
bool satisfies(double value, ThresholdOp op, double limit);

}  // namespace locust
