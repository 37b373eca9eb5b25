#include <linux/filter.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <vector>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/base/sysinfo.h"
#include "common/base/utf8.h"
#include "proto/socket.h"
#include "proto/socket_parts.h"

namespace locust::proto {
namespace {

// Files that the process may need beside connections: logs, reports, the web page's clients.
constexpr std::uint64_t kReservedFiles = 256;
constexpr std::size_t kLeastConnections = 16;
constexpr Duration kWarnInterval = std::chrono::minutes(1);
// A worker sends about one message per second; faster ones wait in the worker's own queue. The
// limit must fit the messages that arrive together after an interrupted link: the worker may have
// ended meanwhile, and the reset that the first answer causes drops the messages that ZeroMQ has
// not read.
constexpr int kReceiveHighWaterMark = 64;
// No message of workers is more urgent, and a thousand workers send three dozen in this time.
constexpr Duration kRest = std::chrono::milliseconds(25);

struct Address {
  std::string text;
  bool ipv6;
};

// The addresses of a name, each once. Empty if it has none or is the name of an interface.
std::vector<Address> addresses_of(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<Address> addresses;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    std::array<char, NI_MAXHOST> text;
    if (::getnameinfo(a->ai_addr, a->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) != 0) {
      continue;
    }
    if (std::ranges::find(addresses, std::string_view(text.data()), &Address::text) ==
        addresses.end()) {
      addresses.push_back({text.data(), a->ai_family == AF_INET6});
    }
  }
  ::freeaddrinfo(found);
  return addresses;
}

std::size_t connections_for(std::uint64_t open_files) {
  const std::uint64_t used = open_file_count() + kReservedFiles;
  return open_files > used + kLeastConnections ? open_files - used : kLeastConnections;
}

std::string port_busy(const std::string& host, int port) {
  const std::string place = (host == "*" ? "" : host + ":") + std::to_string(port);
  return "The Locust master port (" + place +
         ") was busy. Close any applications using that port - perhaps an old instance of Locust "
         "master is still running? - or choose another one with --master-bind-port. (Socket bind "
         "failure: Address already in use)";
}

}  // namespace

Router::Router(EventLoop& loop)
    : loop_(loop), socket_(make_socket(context_, zmq::socket_type::router)) {
  socket_.set(zmq::sockopt::rcvhwm, kReceiveHighWaterMark);
  socket_.set(zmq::sockopt::router_handover, 1);
  pump_.emplace(
      loop_, socket_, [this] { return receive(); }, kRest);
  watch_connections();
}

Router::~Router() { monitor_pump_.reset(); }

Result<std::unique_ptr<Router>> Router::bind(EventLoop& loop, const std::string& host, int port,
                                             std::size_t max_connections) {
  if (port < 0 || port > 65535) {
    return Error{"Socket bind failure: " + std::to_string(port) + " is not a port"};
  }
  std::unique_ptr<Router> router(new Router(loop));
  if (auto listening = router->listen(without_brackets(host), port); !listening) {
    return Error{listening.error()};
  }
  router->max_connections_ =
      max_connections != 0 ? max_connections : connections_for(raise_open_file_limit());
  return router;
}

// Stock's zmqrpc.py Server binds one address. With a name like "localhost" that excludes workers
// that use the other family.
Result<void> Router::listen(const std::string& host, int port) {
  std::vector<Address> addresses;
  if (host != "*" && kind_of(host) == HostKind::kName) addresses = addresses_of(host);
  if (addresses.empty()) addresses.push_back({host, kind_of(host) != HostKind::kIpv4});

  int failure = 0;
  for (const Address& address : addresses) {
    const int error = bind_address(address.text, address.ipv6, port_ != 0 ? port_ : port);
    if (error == EADDRINUSE) return Error{port_busy(host, port)};
    if (error != 0 && failure == 0) failure = error;
  }
  if (port_ != 0) return {};  // some of several addresses may not belong to this machine
  return Error{std::string("Socket bind failure: ") + zmq_strerror(failure) + " (addr='" +
               tcp_endpoint(host, std::to_string(port)) + "')"};
}

// Returns 0 or the error number; sets port_.
int Router::bind_address(const std::string& address, bool ipv6, int port) {
  socket_.set(zmq::sockopt::ipv6, ipv6);
  const std::string endpoint = tcp_endpoint(address, port == 0 ? "*" : std::to_string(port));
  if (zmq_bind(socket_.handle(), endpoint.c_str()) != 0) return zmq_errno();
  const std::string bound = socket_.get(zmq::sockopt::last_endpoint);
  const std::size_t digits = bound.rfind(':') + 1;
  std::from_chars(bound.data() + digits, bound.data() + bound.size(), port_);
  return 0;
}

void Router::send(std::string_view identity, std::string payload) {
  // Never fails because a peer is missing: ROUTER_MANDATORY is off.
  if (zmq_send(socket_.handle(), identity.data(), identity.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) >=
      0) {
    zmq_send(socket_.handle(), payload.data(), payload.size(), ZMQ_DONTWAIT);
  }
  pump_->after_send();
}

// ZeroMQ frees a message when it was written to the kernel or dropped.
std::weak_ptr<const void> Router::send_watched(std::string_view identity, std::string payload) {
  using Shared = std::shared_ptr<std::string>;
  auto* const held = new Shared(std::make_shared<std::string>(std::move(payload)));
  const std::weak_ptr<const void> watch = *held;
  zmq_msg_t message;
  zmq_msg_init_data(
      &message, (*held)->data(), (*held)->size(),
      [](void*, void* hint) { delete static_cast<Shared*>(hint); }, held);
  if (zmq_send(socket_.handle(), identity.data(), identity.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) <
          0 ||
      zmq_msg_send(&message, socket_.handle(), ZMQ_DONTWAIT) < 0) {
    zmq_msg_close(&message);
  }
  pump_->after_send();
  return watch;
}

// Records the connection of the message. ZeroMQ gives a connection whose identity was taken over a
// generated one, which starts with a zero byte. Messages that it had sent before still belong to
// its worker.
std::string Router::identify(zmq::message_t& sender, zmq::message_t& payload) {
  while (receive_event()) {  // its connection was announced before it was read
  }
  connection_ = {};
  std::string identity = sender.to_string();
  const char* const address = zmq_msg_gets(payload.handle(), "Peer-Address");
  if (address != nullptr) connection_.address = address;
  const auto peer = peers_.find(zmq_msg_get(payload.handle(), ZMQ_SRCFD));
  if (peer == peers_.end()) return identity;
  connection_.number = peer->second.number;
  if (!identity.starts_with('\0')) {
    if (peer->second.identity.empty()) peer->second.identity = identity;
  } else if (!peer->second.identity.empty()) {
    identity = peer->second.identity;
  }
  return identity;
}

std::optional<std::size_t> Router::receive() {
  zmq::message_t sender;
  zmq::message_t payload;
  const auto frames = receive_frames(socket_, sender, payload);
  if (!frames) return std::nullopt;
  const std::string identity = identify(sender, payload);
  if (frames->count < 2) {
    report(identity, "a message without a payload");
  } else if (identity.empty() || identity.front() == '\0') {
    report("", "a message from a peer without an identity");
  } else if (!is_valid_utf8(identity)) {
    report(identity, "a message from a peer whose identity is not UTF-8");
  } else if (printable(identity).size() != identity.size()) {
    // The identity appears in log lines. Host names, with which stock's ids start, have none.
    report(identity, "a message from a peer whose identity has control characters");
  } else if (const char* fault = payload_fault(payload, frames->count - 2)) {
    report(identity, fault);
  } else if (on_message_) {
    on_message_(identity, payload.to_string_view());
  }
  return frames->bytes;
}

void Router::report(std::string_view identity, const std::string& what) {
  if (on_error_) on_error_(repair_utf8(identity), what);
}

// ---- Connections ----

void Router::watch_connections() {
  constexpr const char* kMonitor = "inproc://monitor";  // the context is this socket's alone
  zmq_socket_monitor(
      socket_.handle(), kMonitor,
      ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED);
  monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
  monitor_.set(zmq::sockopt::linger, 0);
  monitor_.set(zmq::sockopt::rcvhwm, 0);  // a lost event would make the connection count wrong
  monitor_.connect(kMonitor);
  monitor_pump_.emplace(loop_, monitor_, [this] { return receive_event(); });
}

std::optional<std::size_t> Router::receive_event() {
  const auto event = receive_monitor_event(monitor_);
  if (!event) return std::nullopt;
  if (event->number == ZMQ_EVENT_LISTENING) {
    listening_.push_back(event->value);
  } else if (event->number == ZMQ_EVENT_ACCEPTED) {
    ++connections_;
    peers_.insert_or_assign(event->value, Peer{next_number_++, {}});
  } else if (event->number == ZMQ_EVENT_DISCONNECTED && connections_ > 0) {
    --connections_;
  } else if (event->number == ZMQ_EVENT_ACCEPT_FAILED &&
             (event->value == EMFILE || event->value == ENFILE)) {
    max_connections_ = std::max<std::size_t>(connections_, 1);  // other code has used them up
  }
  const bool accept = connections_ < max_connections_;
  if (accept != accepting_) accept_connections(accept);
  return event->bytes;
}

// ZeroMQ cannot stop accepting without closing its connections, and without descriptors it would
// retry forever. Therefore a filter on the listening sockets drops packets that would open a
// connection; the peer tries again later. Open connections are not affected.
void Router::accept_connections(bool accept) {
  accepting_ = accept;
  sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
  const sock_fprog program{1, drop};
  for (const int fd : listening_) {
    ::setsockopt(fd, SOL_SOCKET, accept ? SO_DETACH_FILTER : SO_ATTACH_FILTER, &program,
                 sizeof program);
  }
  const TimePoint now = loop_.clock().now();
  if (accept || (warned_at_ && now - *warned_at_ < kWarnInterval)) return;
  warned_at_ = now;
  log::runners().error(
      "No more workers can connect: the limit of open files allows {} connections. Raise it "
      "(ulimit -n, LimitNOFILE=)",
      max_connections_);
}

}  // namespace locust::proto
