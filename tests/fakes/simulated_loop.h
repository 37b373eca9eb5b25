// Simulated time: a clock that moves only on request and a scheduler that fires due timers in order
// while it moves.
#pragma once

#include <utility>

#include "common/base/timer_queue.h"

namespace locust::fakes {

class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  double wall_time() const override { return wall_time_; }
  void set(TimePoint now) {
    wall_time_ += to_seconds(now - now_);
    now_ = now;
  }
  void advance(Duration d) { set(now_ + d); }
  // Steps the wall clock alone, as NTP does.
  void step_wall_time(double s) { wall_time_ += s; }

 private:
  TimePoint now_{std::chrono::hours(1)};
  double wall_time_ = 1'700'000'000.0;
};

class SimulatedLoop final : public Scheduler {
 public:
  const Clock& clock() const override { return clock_; }
  TimerId call_at(TimePoint deadline, std::function<void()> fn) override {
    return timers_.add(deadline, std::move(fn));
  }
  void cancel(TimerId id) override { timers_.cancel(id); }

  // Moves time forward by `d`, stopping at every deadline on the way to fire what is due there.
  void advance(Duration d) {
    const TimePoint end = clock_.now() + d;
    for (auto next = timers_.next_deadline(); next && *next <= end;
         next = timers_.next_deadline()) {
      if (*next > clock_.now()) clock_.set(*next);
      timers_.run_due(clock_.now());
    }
    clock_.set(end);
  }

  ManualClock& manual_clock() { return clock_; }
  bool idle() const { return timers_.empty(); }

 private:
  ManualClock clock_;
  TimerQueue timers_;
};

}  // namespace locust::fakes
