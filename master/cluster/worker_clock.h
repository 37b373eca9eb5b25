// WorkerClock: what the master knows of one worker's clock, and the timestamps of its orders.
#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "master/cluster/clock_offset.h"

namespace locust::master {

inline constexpr Duration kWorkerReportInterval = std::chrono::seconds(3);  // runners.py

// Pure: does not read a clock. All times are seconds since the epoch. Those of the master are of
// its RunClock, which no change of the system's clock affects during a test.
class WorkerClock {
 public:
  static constexpr double kTolerance = 1;  // seconds; smaller differences are not worth a warning

  // Call for a message with which the worker has reset its statistics.
  void reset_at(double arrival) { offset_.reset_at(arrival); }
  // Call for a report whose statistics started at `start_time` by the worker's clock.
  void observe(double start_time, double arrival);
  // Call when the master's clock was set. Discards the measurements.
  void measure_anew() { offset_ = ClockOffset(); }

  // Whole seconds to add to the times that the worker reports.
  std::int64_t correction() const { return offset_.correction(); }
  // By how many seconds the worker's machine is ahead of this one, whose clock was set by `drift`
  // seconds during the test. If the worker's clock was set likewise, only the test's time differs.
  double ahead(double drift) const;
  // Whether to warn that its times are corrected by more than kTolerance. Returns true only once.
  bool is_to_be_warned_of(double drift);

  // The timestamp of an order to the worker that is sent at `wall_time` by this machine's clock.
  // Strictly increasing even if the wall clock steps back, because workers discard orders that are
  // not newer (docs/protocol.md §6). Stock workers also compare with orders of an earlier master,
  // whose clock may have been ahead of this machine's and usually agreed with the worker's. A
  // report contains the time of the previous one, so the worker's time may be two intervals later.
  double next_order(double wall_time);

 private:
  ClockOffset offset_;
  double reported_time_ = 0;  // of its last report, by its own clock; 0: none
  double last_order_ = 0;     // the timestamp of the last order
  bool warned_ = false;
};

}  // namespace locust::master
