#include "master/run/threshold_watch.h"

#include <algorithm>
#include <utility>

namespace locust::master {
namespace {

constexpr Duration kWatchTick = std::chrono::seconds(1);

}  // namespace

ThresholdWatch::ThresholdWatch(Scheduler& scheduler, const Clock& clock, const RequestStats& stats,
                               std::vector<Threshold> thresholds,
                               std::function<void(const Verdict&)> violated)
    : scheduler_(scheduler), clock_(clock), stats_(stats), violated_(std::move(violated)) {
  for (Threshold& threshold : thresholds) watched_.push_back({std::move(threshold)});
}

void ThresholdWatch::start() {
  stop();
  for (Watched& watched : watched_) watched = {std::move(watched.threshold)};
  began_ = scheduler_.clock().now();
  if (!watched_.empty()) tick();
}

void ThresholdWatch::stop() { scheduler_.cancel(std::exchange(timer_, 0)); }

void ThresholdWatch::tick() {
  timer_ = scheduler_.call_after(kWatchTick, [this] { tick(); });
  const Duration run_time = scheduler_.clock().now() - began_;
  for (Watched& watched : watched_) {
    if (!watched.begun && run_time >= watched.threshold.after) begin(watched);
    if (!watched.begun || !watched.threshold.abort) continue;
    const Verdict verdict = judge_now(watched);
    if (verdict.holds || !verdict.value) continue;  // a row without requests may yet have some
    watched.violation = verdict;
    stop();
    violated_(verdict);
    return;
  }
}

const StatsEntry* ThresholdWatch::row_of(const Threshold& threshold) const {
  if (threshold.is_aggregated()) return &stats_.total();
  return stats_.find(threshold.name, threshold.method);
}

void ThresholdWatch::begin(Watched& watched) const {
  watched.begun = true;
  if (watched.threshold.after == Duration::zero()) return;
  watched.time = clock_.wall_time();
  watched.total = stats_.total();
  if (const StatsEntry* row = row_of(watched.threshold)) watched.row = *row;
}

Verdict ThresholdWatch::judge_now(const Watched& watched) const {
  const StatsEntry* row = row_of(watched.threshold);
  if (!watched.total || row == nullptr) return judge(watched.threshold, row, stats_.total());
  StatsEntry total = since(*watched.total, stats_.total());
  total.start_time = std::max(total.start_time, watched.time);
  if (!watched.row) return judge(watched.threshold, row, total);
  const StatsEntry row_since = since(*watched.row, *row);
  return judge(watched.threshold, &row_since, total);
}

std::vector<Verdict> ThresholdWatch::verdicts() const {
  std::vector<Verdict> verdicts;
  for (const Watched& watched : watched_) {
    if (watched.violation) {
      verdicts.push_back(*watched.violation);
    } else if (!watched.begun && watched.threshold.after > Duration::zero()) {
      verdicts.push_back({watched.threshold});  // the test was over before
    } else {
      verdicts.push_back(judge_now(watched));
    }
  }
  return verdicts;
}

}  // namespace locust::master
