// LoopMonitor: measures how late the users' loop is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/scheduler.h"

namespace locust::worker {

// Uses a timer on the watched loop, which must outlive it: users are as late as this timer.
class LoopMonitor {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds(50);

  // A tick with a delay of more than `late` counts as late.
  LoopMonitor(Scheduler& scheduler, Duration late) : scheduler_(scheduler), late_(late) { arm(); }
  ~LoopMonitor() { scheduler_.cancel(timer_); }
  LoopMonitor(const LoopMonitor&) = delete;
  LoopMonitor& operator=(const LoopMonitor&) = delete;

  struct Sample {
    Duration worst{};
    std::uint64_t late_ticks = 0;
  };
  // Since the last call.
  Sample take() { return std::exchange(sample_, {}); }

 private:
  void arm() {
    due_ = scheduler_.clock().now() + kInterval;
    timer_ = scheduler_.call_at(due_, [this] {
      const Duration lag = scheduler_.clock().now() - due_;
      sample_.worst = std::max(sample_.worst, lag);
      if (lag > late_) ++sample_.late_ticks;
      arm();
    });
  }

  Scheduler& scheduler_;
  const Duration late_;
  TimePoint due_{};
  Sample sample_;
  TimerId timer_ = 0;
};

}  // namespace locust::worker
