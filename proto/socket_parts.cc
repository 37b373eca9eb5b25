#include "proto/socket_parts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "proto/value.h"

namespace locust::proto {
namespace {

constexpr int kKeepaliveIdleSeconds = 30;
constexpr std::size_t kMaxMessageBytes = Limits{}.max_bytes;
// The size at which ZeroMQ closes the connection: a little above the limit, so that the log names
// most offenders.
constexpr std::int64_t kMaxFrameBytes = std::int64_t{kMaxMessageBytes} + (1 << 20);

}  // namespace

zmq::socket_t make_socket(zmq::context_t& context, zmq::socket_type type) {
  zmq::socket_t socket(context, type);
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, kKeepaliveIdleSeconds);
  socket.set(zmq::sockopt::linger, kLingerMs);
  socket.set(zmq::sockopt::maxmsgsize, kMaxFrameBytes);
  return socket;
}

HostKind kind_of(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1) return HostKind::kIpv4;
  return host.find(':') != std::string::npos ? HostKind::kIpv6 : HostKind::kName;
}

std::string without_brackets(const std::string& host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

std::string tcp_endpoint(const std::string& host, const std::string& port) {
  return kind_of(host) == HostKind::kIpv6 ? "tcp://[" + host + "]:" + port
                                          : "tcp://" + host + ":" + port;
}

std::optional<Frames> receive_frames(zmq::socket_t& socket, zmq::message_t& first,
                                     zmq::message_t& second) {
  Frames frames;
  zmq::message_t surplus;
  zmq::message_t* const targets[] = {&first, &second, &surplus};
  do {
    zmq::message_t& target = *targets[std::min<std::size_t>(frames.count, 2)];
    int rc = -1;
    do {
      rc = zmq_msg_recv(target.handle(), socket.handle(), ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc < 0) return std::nullopt;  // EAGAIN; a message arrives with all frames or none
    ++frames.count;
    frames.bytes += target.size();
  } while (socket.get(zmq::sockopt::rcvmore) != 0);
  return frames;
}

std::optional<MonitorEvent> receive_monitor_event(zmq::socket_t& monitor) {
  zmq::message_t event;
  zmq::message_t address;
  const auto frames = receive_frames(monitor, event, address);
  if (!frames) return std::nullopt;
  std::uint16_t number = 0;
  std::int32_t value = 0;
  if (event.size() == sizeof number + sizeof value) {
    std::memcpy(&number, event.data(), sizeof number);
    std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof number, sizeof value);
  }
  return MonitorEvent{number, value, frames->bytes};
}

const char* payload_fault(const zmq::message_t& payload, std::size_t surplus) {
  if (surplus != 0) return "a message of more than one frame";
  if (payload.empty()) return "an empty message";
  if (payload.size() > kMaxMessageBytes) return "a message above the size limit";
  return nullptr;
}

}  // namespace locust::proto
