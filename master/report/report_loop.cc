#include "master/report/report_loop.h"

#include <algorithm>
#include <utility>

namespace locust::master {
namespace {

constexpr Duration kInterval = std::chrono::seconds(1);

}  // namespace

ReportLoop::ReportLoop(Scheduler& scheduler, std::function<SnapshotPtr()> take_snapshot)
    : scheduler_(scheduler), take_snapshot_(std::move(take_snapshot)) {}

void ReportLoop::start() {
  next_ = scheduler_.clock().now();
  tick();
}

void ReportLoop::stop() { scheduler_.cancel(std::exchange(timer_, 0)); }

void ReportLoop::tick() {
  const SnapshotPtr snapshot = take_snapshot_();
  for (const View& view : views_) view(snapshot);
  // A busy loop may miss seconds; they are skipped.
  next_ = std::max(next_ + kInterval, scheduler_.clock().now());
  timer_ = scheduler_.call_at(next_, [this] { tick(); });
}

}  // namespace locust::master
