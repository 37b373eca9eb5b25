// ReportLoop: takes one Snapshot per second and passes it to all views, which therefore agree.
#pragma once

#include <functional>
#include <vector>

#include "common/base/scheduler.h"
#include "master/report/snapshot.h"

namespace locust::master {

// Used on the control thread. `scheduler` must outlive it.
class ReportLoop final {
 public:
  using View = std::function<void(const SnapshotPtr&)>;

  ReportLoop(Scheduler& scheduler, std::function<SnapshotPtr()> take_snapshot);
  ~ReportLoop() { stop(); }
  ReportLoop(const ReportLoop&) = delete;
  ReportLoop& operator=(const ReportLoop&) = delete;

  // Before start().
  void add(View view) { views_.push_back(std::move(view)); }
  // Takes the first snapshot immediately.
  void start();
  void stop();

 private:
  void tick();

  Scheduler& scheduler_;
  std::function<SnapshotPtr()> take_snapshot_;
  std::vector<View> views_;
  TimePoint next_{};
  TimerId timer_ = 0;
};

}  // namespace locust::master
