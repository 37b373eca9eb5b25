// Countdown: a timer that can be restarted or cancelled.
#pragma once

#include <functional>
#include <utility>

#include "common/base/scheduler.h"

namespace locust::master {

// Control thread. `scheduler` must outlive it.
class Countdown final {
 public:
  explicit Countdown(Scheduler& scheduler) : scheduler_(scheduler) {}
  ~Countdown() { cancel(); }
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;

  // Calls `over` after this time. Replaces an earlier start.
  void start(Duration delay, std::function<void()> over) {
    cancel();
    timer_ = scheduler_.call_after(delay, [this, over = std::move(over)] {
      timer_ = 0;
      over();
    });
  }
  void cancel() { scheduler_.cancel(std::exchange(timer_, 0)); }

 private:
  Scheduler& scheduler_;
  TimerId timer_ = 0;
};

}  // namespace locust::master
