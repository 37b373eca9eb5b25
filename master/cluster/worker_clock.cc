#include "master/cluster/worker_clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace locust::master {

void WorkerClock::observe(double start_time, double arrival) {
  offset_.observe(start_time, arrival);
  if (std::abs(start_time) < ClockOffset::kAbsurd) reported_time_ = start_time;
}

double WorkerClock::ahead(double drift) const {
  const double of_test = offset_.ahead();
  const double of_machine = of_test - drift;
  return std::abs(of_machine) < std::abs(of_test) ? of_machine : of_test;
}

bool WorkerClock::is_to_be_warned_of(double drift) {
  if (correction() == 0 || std::abs(ahead(drift)) < kTolerance) return false;
  return !std::exchange(warned_, true);
}

double WorkerClock::next_order(double wall_time) {
  double timestamp = std::max(wall_time, last_order_ + 1e-6);
  if (reported_time_ > timestamp) {
    timestamp = reported_time_ + 2 * to_seconds(kWorkerReportInterval) + 1;
  }
  last_order_ = timestamp;
  return timestamp;
}

}  // namespace locust::master
