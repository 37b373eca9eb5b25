// The identity of a worker process on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace locust::proto {

// "<hostname>_<32 lower-case hex digits>", like stock's client id: unique; workers with the same
// part before the first "_" are on one host for the dispatcher. An invalid host name is repaired,
// an empty one replaced, a long one truncated, so that the result is a legal ZeroMQ identity (1 to
// 255 bytes of UTF-8). The caller provides 128 random bits.
std::string make_node_id(std::string_view hostname, std::uint64_t random_high,
                         std::uint64_t random_low);

// The same with bits from the operating system.
std::string make_node_id(std::string_view hostname);

// 32 unpredictable hexadecimal digits.
std::string make_secret();

}  // namespace locust::proto
