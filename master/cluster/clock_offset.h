// ClockOffset: how far a worker's clock is ahead of the master's, measured from its reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/stats/stats.h"

namespace locust::master {

// A worker tells with every report when it last reset its statistics (start_time of the total), by
// its own clock: with the report before, or at the start of a test. The master knows when that
// message came, by its own. The difference is the offset, less what the message was under way.
//
// A single difference can be wrong: by a message that was late or lost, or by a reset that was not
// told of (--reset-stats). So three in a row have to agree; until the first three do, only an offset
// is believed that such errors cannot make up. Messages that a broken connection has held up for long
// come all at once, by which they are known. All times are seconds since the epoch.
class ClockOffset {
 public:
  static constexpr double kAbsurd = 1e11;  // beyond it is no clock; keeps whole seconds in range

  // A message came with whose sending the worker has reset its statistics.
  void reset_at(double arrival) { reset_arrival_ = arrival; }
  // Such a message came that says when the worker did so before: a report.
  void observe(double start_time, double arrival);

  // What was measured last; 0 before.
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
// and what a report says outside the test would spoil the rates of all of it: so no time is left
// that is over a second before the test's `begin` or after `now`.
void correct_times(StatsReport& report, std::int64_t correction, double begin, double now);

}  // namespace locust::master
