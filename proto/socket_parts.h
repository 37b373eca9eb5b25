// What Router and Dealer have in common. For them only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace locust::proto {

inline constexpr int kLingerMs = 2000;

// With the options of both (docs/protocol.md §1).
zmq::socket_t make_socket(zmq::context_t& context, zmq::socket_type type);

enum class HostKind { kIpv4, kIpv6, kName };
HostKind kind_of(const std::string& host);

// "::1" and "[::1]" are both understood.
std::string without_brackets(const std::string& host);
std::string tcp_endpoint(const std::string& host, const std::string& port);

struct Frames {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

// Reads one message that is ready, all its frames; `first` and `second` get the first two. Nothing
// if there is none.
std::optional<Frames> receive_frames(zmq::socket_t& socket, zmq::message_t& first,
                                     zmq::message_t& second);

// What a monitor socket tells, ZMQ_EVENT_…. Nothing if nothing has happened.
struct MonitorEvent {
  int number = 0;
  int value = 0;  // a descriptor, mostly
  std::size_t bytes = 0;
};
std::optional<MonitorEvent> receive_monitor_event(zmq::socket_t& monitor);

// What is wrong with `payload`, of a message with `surplus` further frames; null if nothing.
const char* payload_fault(const zmq::message_t& payload, std::size_t surplus);

}  // namespace locust::proto
