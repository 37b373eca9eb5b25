// Time spans as in Locust's options.
#pragma once

#include <chrono>
#include <string_view>

#include "common/base/result.h"

namespace locust {

// Parses "20", "20s", "3m", "2h", "1h20m", "3h30m10s": whole seconds, minutes and hours in that
// order, a bare number is seconds (stock's util/timespan.py parse_timespan).
Result<std::chrono::seconds> parse_time_span(std::string_view text);

}  // namespace locust
