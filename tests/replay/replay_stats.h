// The replay of statistics: RequestStats of some workers and of a master, fed with logged requests.
#pragma once

#include <istream>

#include "tests/replay/replay.h"

namespace locust {

// Reads vectors of the form "bucket" and "run" and compares reports, merged values, CSV texts and
// console tables. Strict: a key it does not know is a difference. Floating-point values may differ
// by 1e-9 (relative), timestamps and texts not at all.
ReplayOutcome replay_stats(std::istream& input);

}  // namespace locust
