// The wait times between a user's tasks, with the names of Locust's user/wait_time.py.
#pragma once

#include <functional>

#include "common/base/clock.h"
#include "worker/user/random.h"

namespace locust::worker {

// The state of constant_pacing between two waits (users.py's _cp_last_run and _cp_last_wait_time).
// Each user has one, and so does each TaskSet.
struct PacingState {
  explicit PacingState(TimePoint now) : last_run(now) {}
  TimePoint last_run;
  Duration last_wait{};
};

// The input of a wait time.
struct WaitInput {
  TimePoint now;
  PacingState& pacing;
  Rng& rng;
};

// Called before each wait. A result of zero or less lets the other users run once. Shared by all
// users of a class. A custom wait time is any callable with this signature.
using WaitTime = std::function<Duration(const WaitInput&)>;

// Arguments are seconds, as in Locust.
WaitTime constant(double wait_time);
WaitTime between(double min_wait, double max_wait);
// Starts tasks `wait_time` apart, however long they run. A task that runs longer is followed
// immediately by the next one.
WaitTime constant_pacing(double wait_time);
// constant_pacing(1 / task_runs_per_second).
WaitTime constant_throughput(double task_runs_per_second);
// Exponential waits with mean 1 / rate.
WaitTime poisson(double rate);
WaitTime lognormal(double median, double sigma);

}  // namespace locust::worker
