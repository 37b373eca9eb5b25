#include "common/stats/stats_summary.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace locust {
namespace {

StatsRow summarize(const StatsEntry& entry, const StatsEntry& total, double now,
                   const std::vector<double>& chosen) {
  StatsRow row;
  row.method = entry.method.value_or("");
  row.name = entry.name;
  row.num_requests = entry.num_requests;
  row.num_none_requests = entry.num_none_requests;
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
    row.current_percentiles[i] =
        entry.get_current_response_time_percentile(kPercentilesToReport[i], now);
  }
  row.is_precise = entry.is_precise();
  row.best_median_response_time = entry.best_median_response_time();
  for (const double percentile : chosen) {
    row.chosen.push_back({entry.best_response_time_percentile(percentile),
                          entry.best_current_response_time_percentile(percentile, now)});
  }
  return row;
}

}  // namespace

StatsSummary summarize(const RequestStats& stats, double now, std::vector<double> percentiles) {
  StatsSummary summary;
  summary.total = summarize(stats.total(), stats.total(), now, percentiles);
  for (const StatsEntry* entry : stats.sorted_entries()) {
    summary.entries.push_back(summarize(*entry, stats.total(), now, percentiles));
  }
  summary.errors = stats.errors();
  summary.percentiles = std::move(percentiles);
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

Result<std::vector<double>> parse_percentiles(std::string_view text) {
  std::vector<double> percentiles;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view item = text.substr(begin, end - begin);
    begin = end + 1;
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('%')) item.remove_suffix(1);
    double percent = 0;
    const auto [rest, ec] = std::from_chars(item.data(), item.data() + item.size(), percent);
    if (ec != std::errc{} || rest != item.data() + item.size() ||
        !(percent > 0 && percent <= 100)) {
      return Error{
          std::string("'").append(item).append("' is not a percentile above 0 and up to 100")};
    }
    if (std::find(percentiles.begin(), percentiles.end(), percent / 100) != percentiles.end()) {
      continue;
    }
    if (percentiles.size() == kMaxPercentiles) {
      return Error{"at most " + std::to_string(kMaxPercentiles) + " percentiles can be chosen"};
    }
    percentiles.push_back(percent / 100);
  }
  return percentiles;
}

}  // namespace locust
