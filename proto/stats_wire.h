// The stats payload (docs/protocol.md §5), the largest of all messages. For the codec.
#pragma once

#include <cstddef>

#include "common/base/result.h"
#include "proto/message.h"
#include "proto/packer.h"
#include "proto/value.h"

namespace locust::proto {

// The maximum number of entries of a report. Native workers have at most 10,001; stock's have one
// per request name.
inline constexpr std::size_t kMaxReportEntries = 100'000;

// In an entry only name and method are required; absent or nil values are zero. All of the five
// outer keys except user_count are required. Values are moved out of `data`.
Result<Stats> decode_stats(Value& data);

void encode_stats(Packer& out, const Stats& stats);

}  // namespace locust::proto
