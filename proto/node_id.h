// The identity of a worker process on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace locust::proto {

// "<hostname>_<32 lower-case hex digits>", as stock's client id: unique, and the part before the
// first "_" tells the dispatcher which workers share a host. An invalid host name is repaired, an
// empty one replaced, a long one truncated, so that the result is a legal ZeroMQ identity (1 to 255
// bytes of UTF-8). The 128 random bits are the caller's.
std::string make_node_id(std::string_view hostname, std::uint64_t random_high,
                         std::uint64_t random_low);

// The same with bits from the operating system.
std::string make_node_id(std::string_view hostname);

// 32 unpredictable hexadecimal digits.
std::string make_secret();

}  // namespace locust::proto
