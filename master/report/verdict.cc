#include "master/report/verdict.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace locust::master {
namespace {

ResponseTimes difference(const ResponseTimes& now, const ResponseTimes& then) {
  ResponseTimes result;
  std::size_t old = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    ResponseTimes::Bucket bucket = now[i];
    while (old < then.size() && then[old].response_time < bucket.response_time) ++old;
    if (old < then.size() && then[old].response_time == bucket.response_time) {
      bucket.count -= then[old].count;
    }
    if (bucket.count > 0) result.add(bucket.response_time, bucket.count);
  }
  return result;
}

Histogram difference(const Histogram& now, const Histogram& then) {
  Histogram result;
  const std::vector<Histogram::Bucket> before = then.buckets();
  auto old = before.begin();
  for (Histogram::Bucket bucket : now.buckets()) {
    while (old != before.end() && old->index < bucket.index) ++old;
    if (old != before.end() && old->index == bucket.index) bucket.count -= old->count;
    if (bucket.count > 0) result.add(bucket);
  }
  return result;
}

// Sets minimum and maximum from the known single response times.
void set_extremes(StatsEntry& entry) {
  entry.min_response_time.reset();
  entry.max_response_time = 0;
  if (entry.num_timed_requests() <= 0) return;
  if (entry.is_precise()) {
    const auto buckets = entry.precise.response_time.buckets();
    entry.min_response_time = to_ms(Histogram::value_of(buckets.front().index));
    entry.max_response_time = to_ms(Histogram::value_of(buckets.back().index));
  } else if (!entry.response_times.empty()) {
    entry.min_response_time = entry.response_times[0].response_time;
    entry.max_response_time = entry.response_times[entry.response_times.size() - 1].response_time;
  }
}

// Returns nullopt without requests that have a response time.
std::optional<double> measure(const Threshold& threshold, const StatsEntry& row,
                              const StatsEntry& total) {
  if (row.num_requests <= 0) return std::nullopt;
  switch (threshold.metric) {
    case ThresholdMetric::kFailRatio:
      return row.fail_ratio();
    case ThresholdMetric::kFailures:
      return static_cast<double>(row.num_failures);
    case ThresholdMetric::kRequests:
      return static_cast<double>(row.num_requests);
    case ThresholdMetric::kRps:
      return row.total_rps(total);
    default:
      break;
  }
  if (row.num_timed_requests() <= 0) return std::nullopt;
  switch (threshold.metric) {
    case ThresholdMetric::kAvg:
      return row.avg_response_time();
    case ThresholdMetric::kMin:
      return row.min_response_time.value_or(0).as_double();
    case ThresholdMetric::kMax:
      return row.max_response_time.as_double();
    default:
      return row.best_response_time_percentile(threshold.percentile);
  }
}

}  // namespace

StatsEntry since(const StatsEntry& then, StatsEntry now) {
  // Reports can only make a start time earlier; a reset makes it later.
  if (now.start_time > then.start_time || now.num_requests < then.num_requests) return now;
  now.num_requests -= then.num_requests;
  now.num_none_requests -= then.num_none_requests;
  now.num_failures -= then.num_failures;
  now.total_response_time =
      Number(now.total_response_time.as_double() - then.total_response_time.as_double());
  now.response_times = difference(now.response_times, then.response_times);
  now.precise.response_time = difference(now.precise.response_time, then.precise.response_time);
  set_extremes(now);
  return now;
}

Verdict judge(const Threshold& threshold, const StatsEntry* row, const StatsEntry& total) {
  Verdict verdict{threshold};
  if (row == nullptr) return verdict;
  verdict.value = measure(threshold, *row, total);
  verdict.holds = verdict.value && satisfies(*verdict.value, threshold.op, threshold.limit);
  verdict.two_digits =
      verdict.value && threshold.metric == ThresholdMetric::kPercentile && !row->is_precise();
  return verdict;
}

}  // namespace locust::master
