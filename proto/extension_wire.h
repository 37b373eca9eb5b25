// The extension of stock's messages by locust-cpp (docs/protocol.md §19). For the codec.
#pragma once

#include "common/base/result.h"
#include "proto/message.h"
#include "proto/packer.h"
#include "proto/value.h"

namespace locust::proto {

// The values under kExtensionKey. Values are moved out of `data`.
Result<StatsExtension> decode_stats_extension(Value& data);
HeartbeatExtension decode_heartbeat_extension(const Value& data);
SpawnExtension decode_spawn_extension(const Value& data);
std::string decode_ack_secret(const Value& data);
std::optional<std::int64_t> decode_scenarios(const Value& data);  // of a LocustfileReply

// Write kExtensionKey with its value.
void encode_extension(Packer& out, const StatsExtension& extension);
void encode_extension(Packer& out, const HeartbeatExtension& extension);
void encode_extension(Packer& out, const SpawnExtension& extension);
void encode_ack_secret(Packer& out, const std::string& secret);
void encode_scenarios(Packer& out, std::int64_t scenarios);
void encode_empty_extension(Packer& out);

}  // namespace locust::proto
