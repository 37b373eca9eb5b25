// The stats payload (PROTOCOL.md §5), the largest of all messages. For the codec.
#pragma once

#include "common/result.h"
#include "proto/message.h"
#include "proto/packer.h"
#include "proto/value.h"

namespace locust::proto {

// Of an entry only name and method are required; what is absent or nil is zero. The five outer keys
// are required but user_count. `data` is taken apart.
Result<Stats> decode_stats(Value& data);

void encode_stats(Packer& out, const Stats& stats);

}  // namespace locust::proto
