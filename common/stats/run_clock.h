// RunClock: the clock of a test's statistics.
#pragma once

#include "common/base/clock.h"

namespace locust {

// A clock whose wall time does not step. It reads the wall clock in synchronize() and then follows
// the monotonic clock: setting the machine's clock during a test affects no rate, history or
// report. `clock` must outlive it. wall_time() and synchronize() belong to one thread; now() may be
// called by any.
class RunClock final : public Clock {
 public:
  explicit RunClock(const Clock& clock) : clock_(clock) { synchronize(); }

  // Call when a test starts. Returns by how many seconds the machine's clock was set since the last
  // call, positive if forward.
  double synchronize();
  TimePoint now() const override { return clock_.now(); }
  double wall_time() const override { return began_wall_ + to_seconds(clock_.now() - began_); }
  // By how many seconds the machine's clock was set since synchronize(), positive if forward.
  double drift() const { return clock_.wall_time() - wall_time(); }

 private:
  const Clock& clock_;
  TimePoint began_{};
  double began_wall_ = 0;
};

}  // namespace locust
