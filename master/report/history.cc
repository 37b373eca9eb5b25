#include "master/report/history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace locust::master {
namespace {

constexpr int kRowsPerDecade = 8;
constexpr int kDecades = 6;
constexpr double kLowestBoundMs = 0.1;

std::optional<double> larger(const std::optional<double>& a, const std::optional<double>& b) {
  return !a || (b && *b > *a) ? b : a;
}

// The second at whose end the sample was taken.
std::int64_t second_of(const History::Sample& sample) { return to_second(sample.time) - 1; }

// Merges several points into one. Uses the maximum of percentiles, because a mean would hide peaks.
HistoryPoint merged(const std::vector<HistoryPoint>& points) {
  HistoryPoint result = points.front();
  double average_sum = result.average.value_or(0);
  int averages = result.average ? 1 : 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const HistoryPoint& point = points[i];
    result.time = point.time;
    result.user_count = std::max(result.user_count, point.user_count);
    result.requests += point.requests;
    result.failures += point.failures;
    if (point.average) {
      average_sum += *point.average;
      ++averages;
    }
    for (std::size_t p = 0; p < result.percentiles.size() && p < point.percentiles.size(); ++p) {
      result.percentiles[p] = larger(result.percentiles[p], point.percentiles[p]);
    }
    for (std::size_t row = 0; row < result.heat.size() && row < point.heat.size(); ++row) {
      result.heat[row] += point.heat[row];
    }
  }
  const auto count = static_cast<double>(points.size());
  result.requests /= count;
  result.failures /= count;
  if (averages > 0) result.average = average_sum / averages;
  return result;
}

}  // namespace

std::vector<double> heat_bounds() {
  std::vector<double> bounds;
  for (int i = 0; i < kRowsPerDecade * kDecades; ++i) {
    bounds.push_back(kLowestBoundMs * std::pow(10.0, (i + 1.0) / kRowsPerDecade));
  }
  return bounds;
}

std::vector<std::int64_t> count_by_bounds(const StatsEntry& entry,
                                          const std::vector<double>& bounds_ms) {
  std::vector<std::int64_t> counts(bounds_ms.size() + 1, 0);
  std::size_t row = 0;
  const auto add = [&](double ms, std::int64_t count) {
    while (row < bounds_ms.size() && ms > bounds_ms[row]) ++row;
    counts[row] += count;
  };
  if (entry.is_precise()) {
    for (const Histogram::Bucket& bucket : entry.precise.response_time.buckets()) {
      add(to_ms(Histogram::value_of(bucket.index)), bucket.count);
    }
  } else {
    for (std::size_t i = 0; i < entry.response_times.size(); ++i) {
      const ResponseTimes::Bucket bucket = entry.response_times[i];
      add(bucket.response_time.as_double(), bucket.count);
    }
  }
  return counts;
}

void History::begin(double time) {
  const std::uint64_t version = view_.version + 1;
  view_ = HistoryView{};
  view_.complete_since = time;
  view_.version = version;
  open_.clear();
  window_.clear();
  partial_.clear();
  last_heat_.clear();
  carried_.clear();
}

void History::add(Sample sample, const StatsEntry& total) {
  std::vector<std::int64_t> sums = std::exchange(sample.heat, {});
  open_.push_back(std::move(sample));
  spread_heat(std::move(sums));
  const double now = open_.back().time;
  while (!open_.empty() && open_.front().time <= now - kSettleTime) settle(total);
}

void History::finish(const StatsEntry& total) {
  while (!open_.empty()) settle(total);
  if (partial_.empty()) return;
  // The last point may cover less time than the others; that is better than a gap.
  if (view_.points.size() == kMaxPoints) merge_pairs();
  append(merged(std::exchange(partial_, {})));
}

// Open seconds keep their counts; later reports may add to them.
void History::before_reset(const StatsEntry& total) {
  const std::int64_t first =
      open_.empty() ? to_second(view_.complete_since) : second_of(open_.front());
  for (const auto& [second, count] : total.num_reqs_per_sec.seconds()) {
    if (second >= first) carried_[second].requests += count;
  }
  for (const auto& [second, count] : total.num_fail_per_sec.seconds()) {
    if (second >= first) carried_[second].failures += count;
  }
  window_.clear();
  last_heat_.clear();
  for (Sample& sample : open_) {
    sample.total_response_time = 0;
    sample.num_timed_requests = 0;
  }
}

void History::mark(HistoryMarker marker) {
  if (view_.markers.size() == kMaxMarkers) view_.markers.erase(view_.markers.begin());
  view_.markers.push_back(std::move(marker));
  ++view_.version;
}

// A report covers several seconds without dividing its counts, so new counts are spread over them.
void History::spread_heat(std::vector<std::int64_t> sums) {
  const std::size_t seconds = std::min(kReported, open_.size());
  for (std::size_t i = 0; i < seconds; ++i) open_[open_.size() - 1 - i].heat.resize(sums.size());
  for (std::size_t row = 0; row < sums.size(); ++row) {
    // A count decreases if it was reset, or is now known more precisely.
    const std::int64_t before = row < last_heat_.size() ? last_heat_[row] : 0;
    std::int64_t left = std::max<std::int64_t>(sums[row] - before, 0);
    for (std::size_t i = 0; i < seconds; ++i) {
      const std::int64_t share = left / static_cast<std::int64_t>(seconds - i);
      open_[open_.size() - seconds + i].heat[row] += share;
      left -= share;
    }
  }
  last_heat_ = std::move(sums);
}

// Turns the oldest open sample into a point.
void History::settle(const StatsEntry& total) {
  Sample sample = std::move(open_.front());
  open_.pop_front();
  HistoryPoint point;
  point.time = sample.time;
  point.user_count = sample.user_count;
  const std::int64_t second = second_of(sample);
  const auto before = carried_.find(second);
  const Counts carried = before == carried_.end() ? Counts{} : before->second;
  point.requests = static_cast<double>(total.num_reqs_per_sec.count(second) + carried.requests);
  point.failures = static_cast<double>(total.num_fail_per_sec.count(second) + carried.failures);
  carried_.erase(carried_.begin(), carried_.upper_bound(second));
  point.percentiles = std::move(sample.percentiles);
  if (!window_.empty()) {
    const Sample& then = window_.front();
    const auto count = static_cast<double>(sample.num_timed_requests - then.num_timed_requests);
    if (count > 0) {
      point.average = (sample.total_response_time - then.total_response_time) / count;
    }
  } else if (sample.num_timed_requests > 0) {
    point.average = sample.total_response_time / static_cast<double>(sample.num_timed_requests);
  }
  point.heat = std::exchange(sample.heat, {});
  window_.push_back(std::move(sample));
  if (window_.size() > kWindow) window_.pop_front();

  partial_.push_back(std::move(point));
  if (partial_.size() < static_cast<std::size_t>(view_.interval)) return;
  // With a longer interval a point needs more of them.
  if (view_.points.size() == kMaxPoints) return merge_pairs();
  append(merged(std::exchange(partial_, {})));
}

void History::append(HistoryPoint point) {
  view_.points.push_back(std::make_shared<const HistoryPoint>(std::move(point)));
  ++view_.version;
}

void History::merge_pairs() {
  std::vector<std::shared_ptr<const HistoryPoint>> pairs;
  pairs.reserve(kMaxPoints / 2 + 1);
  for (std::size_t i = 0; i + 1 < view_.points.size(); i += 2) {
    pairs.push_back(
        std::make_shared<const HistoryPoint>(merged({*view_.points[i], *view_.points[i + 1]})));
  }
  view_.points = std::move(pairs);
  view_.interval *= 2;
  // A reader that has the last of the old points has all of them.
  view_.complete_since =
      std::nextafter(view_.points.back()->time, std::numeric_limits<double>::infinity());
}

}  // namespace locust::master
