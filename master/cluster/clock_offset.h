// ClockOffset: how far a worker's clock is ahead of the master's, measured from its reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/stats/stats.h"

namespace locust::master {

// Every report contains the time at which the worker last reset its statistics (start_time of the
// total), by the worker's clock: with the previous report, or at the start of a test. The master
// knows when that message arrived, by its own clock. The difference is the offset minus the transit
// time.
//
// A single difference can be wrong because of a late or lost message, or an unreported reset
// (--reset-stats). So three in a row must agree; before that, only an offset too large for such
// errors is used. Messages that a broken connection has delayed arrive all at once, and are
// recognized by that. All times are seconds since the epoch.
class ClockOffset {
 public:
  static constexpr double kAbsurd = 1e11;  // beyond it is no clock; keeps whole seconds in range

  // Call for a message with which the worker has reset its statistics.
  void reset_at(double arrival) { reset_arrival_ = arrival; }
  // Call for a report, which contains the time of the previous reset.
  void observe(double start_time, double arrival);

  // The last measured offset; 0 before the first.
  double ahead() const { return ahead_; }
  // Whole seconds to add to the worker's times. 0 while the clocks agree within a second, as
  // statistics count by the second.
  std::int64_t correction() const { return correction_; }

 private:
  static constexpr std::size_t kSamples = 3;

  double reset_arrival_ = 0;                // 0: none yet
  std::array<double, kSamples> samples_{};  // the newest replaces the oldest
  std::size_t taken_ = 0;
  bool agreed_ = false;
  double ahead_ = 0;
  std::int64_t correction_ = 0;
};

// Adds `correction` to all times of a report. A clock that has just been set is corrected too late,
// and times outside the test would spoil all its rates: so times are limited to the range from one
// second before the test's `begin` to one second after `now`.
void correct_times(StatsReport& report, std::int64_t correction, double begin, double now);

}  // namespace locust::master
