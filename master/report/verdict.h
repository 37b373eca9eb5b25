// Verdict: whether a threshold of a run holds.
#pragma once

#include <optional>
#include <string>

#include "common/scenario/threshold.h"
#include "common/stats/stats.h"

namespace locust::master {

struct Verdict {
  Threshold threshold;
  bool holds = false;
  std::optional<double> value = std::nullopt;  // in the limit's unit; nullopt: not measured
  bool two_digits = false;  // the value has only two digits, because a stock worker took part
};

// The difference between `now` and `then`; all of `now` if it was reset in between. Minimum and
// maximum are as exact as the stored response times.
StatsEntry since(const StatsEntry& then, StatsEntry now);

// `row` is the threshold's row, or null if there was no such request. Rates are per second of
// `total`'s time. A threshold on a row without requests does not hold.
Verdict judge(const Threshold& threshold, const StatsEntry* row, const StatsEntry& total);

}  // namespace locust::master
