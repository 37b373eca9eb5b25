// StatsSummary: the values of the statistics that tables, files and pages show at one moment. Every
// value is computed once. Independent of its RequestStats and immutable, so it is shared between
// threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/number.h"
#include "common/base/result.h"
#include "common/stats/stats.h"

namespace locust {

// Percentiles of tables and files (PERCENTILES_TO_REPORT).
inline constexpr std::array kPercentilesToReport = {0.50, 0.66, 0.75,  0.80,   0.90, 0.95,
                                                    0.98, 0.99, 0.999, 0.9999, 1.0};

// One of the chosen percentiles (StatsSummary::percentiles), in milliseconds.
struct ChosenPercentile {
  double whole_run = 0;  // with three digits if StatsRow::is_precise, otherwise two
  // Over the last ten seconds: in the total with the same digits, in other rows with two. nullopt
  // if nothing is known from ten seconds ago, or if no request ended since.
  std::optional<double> current;
};

// One entry's values, named as in stock's StatsEntry. Times are milliseconds, sizes bytes.
struct StatsRow {
  std::string method;
  std::string name;
  std::int64_t num_requests = 0;
  std::int64_t num_none_requests = 0;  // without a response time
  std::int64_t num_failures = 0;
  double fail_ratio = 0;
  double avg_response_time = 0;
  Number median_response_time;
  Number min_response_time;  // 0 if there is none
  Number max_response_time;
  Number avg_content_length;
  double current_rps = 0;
  double current_fail_per_sec = 0;
  double total_rps = 0;
  double total_fail_per_sec = 0;
  bool has_response_times = false;  // at least one request was timed
  std::array<Number, kPercentilesToReport.size()> percentiles;
  // Over the last ten seconds; nullopt if nothing is known from ten seconds ago.
  std::array<std::optional<Number>, kPercentilesToReport.size()> current_percentiles;
  // False if a worker took part that reports response times with two digits only (stock's).
  bool is_precise = true;
  // For native views: with three digits if is_precise, otherwise median_response_time.
  Number best_median_response_time;
  std::vector<ChosenPercentile> chosen;  // one for each of StatsSummary::percentiles
};

struct StatsSummary {
  std::vector<StatsRow> entries;  // sorted by name, then method
  StatsRow total;
  std::vector<std::pair<std::string, StatsError>> errors;  // key, error; by first occurrence
  std::vector<double> percentiles;                         // those of StatsRow::chosen, 0.0 to 1.0
};

StatsSummary summarize(const RequestStats& stats, double now, std::vector<double> percentiles = {});

// "50%", "99.9%" (get_readable_percentiles).
std::string readable_percentile(double percentile);

// "50,95,99.9" to 0.5, 0.95, 0.999: one to kMaxPercentiles different numbers above 0 and up to 100.
inline constexpr std::size_t kMaxPercentiles = 20;
Result<std::vector<double>> parse_percentiles(std::string_view text);

}  // namespace locust
