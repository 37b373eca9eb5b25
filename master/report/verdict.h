// Verdicts: whether the thresholds of a run hold.
#pragma once

#include <optional>
#include <string>

#include "common/scenario/threshold.h"
#include "common/stats/stats.h"

namespace locust::master {

struct Verdict {
  Threshold threshold;
  bool holds = false;
  std::optional<double> value = std::nullopt;  // in the limit's unit; nothing: nothing was measured
  bool two_digits = false;  // of the value are certain, because a stock worker took part
};

// What happened to `now` since it was `then`; all of `now` if it was reset in between. Minimum and
// maximum are as exact as the response times are kept.
StatsEntry since(const StatsEntry& then, StatsEntry now);

// `row` is the threshold's, null if there was no such request; rates are over `total`'s time. A row
// without requests holds nothing.
Verdict judge(const Threshold& threshold, const StatsEntry* row, const StatsEntry& total);

}  // namespace locust::master
