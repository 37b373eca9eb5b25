#include "worker/user/wait_time.h"

#include <algorithm>
#include <cmath>

namespace locust::worker {

WaitTime constant(double wait_time) {
  return [wait = seconds(wait_time)](const WaitInput&) { return wait; };
}

WaitTime between(double min_wait, double max_wait) {
  return [min_wait, max_wait](const WaitInput& in) {
    return seconds(min_wait + uniform(in.rng) * (max_wait - min_wait));
  };
}

WaitTime constant_pacing(double wait_time) {
  return [pace = seconds(wait_time)](const WaitInput& in) {
    const Duration run_time = in.now - in.pacing.last_run - in.pacing.last_wait;
    in.pacing.last_wait = std::max(Duration::zero(), pace - run_time);
    in.pacing.last_run = in.now;
    return in.pacing.last_wait;
  };
}

WaitTime constant_throughput(double task_runs_per_second) {
  return constant_pacing(1 / task_runs_per_second);
}

WaitTime poisson(double rate) {
  return [rate](const WaitInput& in) { return seconds(-std::log1p(-uniform(in.rng)) / rate); };
}

WaitTime lognormal(double median, double sigma) {
  return [median, sigma](const WaitInput& in) {
    return seconds(median * std::exp(sigma * std::normal_distribution<double>()(in.rng)));
  };
}

}  // namespace locust::worker
