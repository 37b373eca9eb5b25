// UsersDeadline: the time by which the users' loop must answer.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "common/base/scheduler.h"

namespace locust::worker {

// Calls `over` when the time of the last set() has passed, unless cancel() was called before.
// `scheduler` must outlive it.
class UsersDeadline {
 public:
  UsersDeadline(Scheduler& scheduler, std::function<void()> over)
      : scheduler_(scheduler), over_(std::move(over)) {}
  ~UsersDeadline() { cancel(); }
  UsersDeadline(const UsersDeadline&) = delete;
  UsersDeadline& operator=(const UsersDeadline&) = delete;

  void set(Duration time) {
    cancel();
    at_ = scheduler_.clock().now() + time;
    timer_ = scheduler_.call_at(at_, [this] {
      timer_ = 0;
      over_();
    });
  }
  void cancel() { scheduler_.cancel(std::exchange(timer_, 0)); }
  // The time until the deadline; not negative.
  Duration left() const { return std::max(at_ - scheduler_.clock().now(), Duration::zero()); }

 private:
  Scheduler& scheduler_;
  const std::function<void()> over_;
  TimePoint at_{};
  TimerId timer_ = 0;
};

}  // namespace locust::worker
