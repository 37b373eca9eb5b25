// The stats payload (docs/protocol.md §5), the largest of all messages. For the codec.
#pragma once

#include <cstddef>

#include "common/base/result.h"
#include "proto/message.h"
#include "proto/packer.h"
#include "proto/value.h"

namespace locust::proto {

// Entries that a report may have. A worker of ours has 10,001 at most; stock's have as many as there
// are request names.
inline constexpr std::size_t kMaxReportEntries = 100'000;

// Of an entry only name and method are required; what is absent or nil is zero. The five outer keys
// are required but user_count. `data` is taken apart.
Result<Stats> decode_stats(Value& data);

void encode_stats(Packer& out, const Stats& stats);

}  // namespace locust::proto
