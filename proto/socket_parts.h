// Parts shared by Router and Dealer. Only for them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace locust::proto {

inline constexpr int kLingerMs = 2000;

// A socket with the options of both (docs/protocol.md §1).
zmq::socket_t make_socket(zmq::context_t& context, zmq::socket_type type);

enum class HostKind { kIpv4, kIpv6, kName };
HostKind kind_of(const std::string& host);

// Accepts both "::1" and "[::1]".
std::string without_brackets(const std::string& host);
std::string tcp_endpoint(const std::string& host, const std::string& port);

struct Frames {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

// Reads all frames of a message that is ready; `first` and `second` get the first two. nullopt if
// there is none.
std::optional<Frames> receive_frames(zmq::socket_t& socket, zmq::message_t& first,
                                     zmq::message_t& second);

// An event of a monitor socket, ZMQ_EVENT_…; nullopt if there is none.
struct MonitorEvent {
  int number = 0;
  int value = 0;  // usually a descriptor
  std::size_t bytes = 0;
};
std::optional<MonitorEvent> receive_monitor_event(zmq::socket_t& monitor);

// The error of `payload`, in a message with `surplus` further frames; null if it is valid.
const char* payload_fault(const zmq::message_t& payload, std::size_t surplus);

}  // namespace locust::proto
