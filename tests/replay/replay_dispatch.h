// The replay of dispatch: UsersDispatcher taken through cycles, joins and departures.
#pragma once

#include <istream>

#include "tests/replay/replay.h"

namespace locust {

// Compares users per iteration, pauses and every allocation. A case ends at its first difference. A
// cycle ends where its steps end, as it may have been cut short; but one that met its target, and
// that no worker joined or left, must have nothing more to give. Strict: an unknown key is a
// difference.
ReplayOutcome replay_dispatch(std::istream& input);

}  // namespace locust
