#include "common/stats_summary.h"

#include <charconv>
#include <cmath>

namespace locust {

StatsRow summarize(const StatsEntry& entry, const StatsEntry& total, double now) {
  StatsRow row;
  row.method = entry.method.value_or("");
  row.name = entry.name;
  row.num_requests = entry.num_requests;
  row.num_failures = entry.num_failures;
  row.fail_ratio = entry.fail_ratio();
  row.avg_response_time = entry.avg_response_time();
  row.median_response_time = entry.median_response_time();
  if (entry.min_response_time && *entry.min_response_time) {
    row.min_response_time = *entry.min_response_time;
  }
  row.max_response_time = entry.max_response_time;
  row.avg_content_length = entry.avg_content_length();
  row.current_rps = entry.current_rps(total);
  row.current_fail_per_sec = entry.current_fail_per_sec(total);
  row.total_rps = entry.total_rps(total);
  row.total_fail_per_sec = entry.total_fail_per_sec(total);
  row.has_response_times = !entry.response_times.empty();
  for (std::size_t i = 0; i < kPercentilesToReport.size(); ++i) {
    row.percentiles[i] = entry.get_response_time_percentile(kPercentilesToReport[i]);
  }
  for (std::size_t i = 0; i < kPercentilesToChart.size(); ++i) {
    row.current_percentiles[i] =
        entry.get_current_response_time_percentile(kPercentilesToChart[i], now);
  }
  return row;
}

StatsSummary summarize(const RequestStats& stats, double now) {
  StatsSummary summary{{}, summarize(stats.total(), stats.total(), now), stats.errors()};
  for (const StatsEntry* entry : stats.sorted_entries()) {
    summary.entries.push_back(summarize(*entry, stats.total(), now));
  }
  return summary;
}

std::string readable_percentile(double percentile) {
  const double percent = percentile * 100;
  if (percent == std::trunc(percent)) return truncated(percent) + "%";
  // Python's round(percent, 6): to the nearest decimal, and back to the nearest float.
  const std::string six_digits = fixed(percent, 6);
  double rounded = 0;
  std::from_chars(six_digits.data(), six_digits.data() + six_digits.size(), rounded);
  return float_repr(rounded) + "%";
}

}  // namespace locust
