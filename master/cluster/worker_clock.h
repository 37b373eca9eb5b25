// WorkerClock: what the master knows of one worker's clock, and how it orders by it.
#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "master/cluster/clock_offset.h"

namespace locust::master {

inline constexpr Duration kWorkerReportInterval = std::chrono::seconds(3);  // runners.py

// Pure: is given all times, which are seconds since the epoch. "The master's time" is that of the
// clock that a test's statistics are kept by, which is not set during a test (RunClock).
class WorkerClock {
 public:
  static constexpr double kTolerance = 1;  // seconds; smaller differences are not worth a warning

  // A message came with whose sending the worker has reset its statistics.
  void reset_at(double arrival) { offset_.reset_at(arrival); }
  // A report came whose statistics started at `start_time` by the worker's clock.
  void observe(double start_time, double arrival);
  // The master's clock was set: what was measured by it is void.
  void measure_anew() { offset_ = ClockOffset(); }

  // Whole seconds to add to the times that the worker reports.
  std::int64_t correction() const { return offset_.correction(); }
  // By how many seconds the worker's machine is ahead of this one, whose clock was set by `drift`
  // seconds during the test. Where the worker's was set with it, it is off by the test's time only.
  double ahead(double drift) const;
  // Whether its times are corrected by more than kTolerance; true once only.
  bool is_to_be_warned_of(double drift);

  // The timestamp of an order to the worker that is sent at `wall_time` by this machine's clock.
  // Strictly increasing even if the wall clock steps back, because workers discard what is not newer
  // (docs/protocol.md §6). Stock workers compare with the orders of a master before this one too,
  // whose clock may have been ahead of this machine's: as a rule it agreed with the worker's own. A
  // report says when the one before was sent, so the worker's time may be two intervals later.
  double next_order(double wall_time);

 private:
  ClockOffset offset_;
  double reported_time_ = 0;  // by its own clock, of its last report; 0: none
  double last_order_ = 0;     // its timestamp
  bool warned_ = false;
};

}  // namespace locust::master
