// The transports on ZeroMQ: Router for the master, Dealer for the worker. Socket options are
// stock's (docs/protocol.md §1) with bounded queues, lingering and message sizes.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>
#include <zmq.hpp>

#include "common/base/event_loop.h"
#include "common/base/result.h"
#include "proto/socket_pump.h"
#include "proto/transport.h"

namespace locust::proto {

// The master's ROUTER. A message must be one non-empty payload frame of at most Limits' bytes from
// a peer whose identity is printable UTF-8; anything else goes to the error handler. If a message
// is far above that size, the connection is closed silently. Destruction waits up to two seconds
// until sent messages are out.
//
// Each connection needs a file descriptor. Shortly before the process's limit is reached, the
// router logs a line and accepts no new connections until others have closed.
class Router final : public MasterTransport {
 public:
  // Listens on tcp://HOST:PORT. "*" accepts IPv4 and IPv6; a name is bound on all its addresses on
  // this machine. Port 0 chooses a free one. The error for a busy port is stock's line.
  // `loop` must outlive the socket.
  // `max_connections` is for tests; 0 means as many as the limit of open files allows.
  static Result<std::unique_ptr<Router>> bind(EventLoop& loop, const std::string& host, int port,
                                              std::size_t max_connections = 0);
  ~Router() override;

  int port() const { return port_; }

  void on_message(MessageHandler handler) override { on_message_ = std::move(handler); }
  void on_error(ErrorHandler handler) override { on_error_ = std::move(handler); }
  void send(std::string_view identity, std::string payload) override;
  std::weak_ptr<const void> send_watched(std::string_view identity, std::string payload) override;
  const Connection& connection() const override { return connection_; }
  bool caught_up() override { return pump_->caught_up(); }

 private:
  explicit Router(EventLoop& loop);

  Result<void> listen(const std::string& host, int port);
  int bind_address(const std::string& address, bool ipv6, int port);
  std::optional<std::size_t> receive();
  std::string identify(zmq::message_t& sender, zmq::message_t& payload);
  void report(std::string_view identity, const std::string& what);
  void watch_connections();
  std::optional<std::size_t> receive_event();
  void accept_connections(bool accept);

  EventLoop& loop_;
  zmq::context_t context_;
  zmq::socket_t socket_;
  zmq::socket_t monitor_;  // ZeroMQ's events of connections
  std::optional<SocketPump> pump_;
  std::optional<SocketPump> monitor_pump_;
  MessageHandler on_message_;
  ErrorHandler on_error_;
  int port_ = 0;
  std::vector<int> listening_;  // descriptors, ZeroMQ's
  bool accepting_ = true;
  std::size_t connections_ = 0;
  std::size_t max_connections_ = 0;
  struct Peer {
    std::uint64_t number;
    std::string identity;  // of its first message
  };
  std::unordered_map<int, Peer> peers_;  // by descriptor: as many as there were connections at once
  std::uint64_t next_number_ = 1;
  Connection connection_;
  std::optional<TimePoint> warned_at_;
};

// The worker's DEALER. Until it is connected it tries the host's IPv4 and IPv6 addresses in turn,
// forever; ZeroMQ resolves the name again each time, in its own thread. Once connected it keeps
// that family, and ZeroMQ restores lost connections.
//
// | phase      | send                | leaves by                                                  |
// |------------|---------------------|------------------------------------------------------------|
// | connecting | waits in the queue  | handshake done -> connected (queue goes out)               |
// | connected  | goes out            | connection lost -> connecting; reconnect() -> closing      |
// | closing    | waits in the queue  | old socket gone, its last messages delivered -> pausing    |
// | pausing    | waits in the queue  | 200 ms for the ROUTER to read them -> connecting           |
//
// Destruction waits up to two seconds until sent messages are out, if there ever was a connection;
// during a reconnect, it waits as long for the old connection before that.
class Dealer final : public WorkerTransport {
 public:
  // `identity` is the node id. Fails only on a host, port or identity that can never work.
  // `loop` must outlive the socket.
  static Result<std::unique_ptr<Dealer>> connect(EventLoop& loop, const std::string& host, int port,
                                                 const std::string& identity);
  ~Dealer() override;

  void on_message(MessageHandler handler) override { on_message_ = std::move(handler); }
  void on_error(ErrorHandler handler) override { on_error_ = std::move(handler); }
  void on_connected(std::function<void()> handler) override { on_connected_ = std::move(handler); }
  Result<void> send(std::string payload) override;
  Result<void> send_unless_waiting(std::string payload) override;
  void reconnect() override;

 private:
  enum class Phase { kConnecting, kConnected, kClosing, kPausing };
  enum class Family { kIpv4, kIpv6 };

  Dealer(EventLoop& loop, std::string host, int port, std::string identity);

  Result<void> open();
  Result<void> connect_family();
  void try_next_family();
  void close();
  void closed();
  std::optional<std::size_t> receive();
  std::optional<std::size_t> receive_event();
  void handle_event(int event);
  void flush();
  void send_waiting();
  Result<void> send_now(const std::string& payload);

  EventLoop& loop_;
  const std::string endpoint_;
  const std::string identity_;
  const bool both_families_;
  Family family_;

  zmq::context_t context_;
  zmq::socket_t socket_;
  zmq::socket_t monitor_;  // ZeroMQ's events of the connection
  std::optional<SocketPump> pump_;
  std::optional<SocketPump> monitor_pump_;
  MessageHandler on_message_;
  ErrorHandler on_error_;

  std::function<void()> on_connected_;

  Phase phase_ = Phase::kConnecting;
  bool ever_connected_ = false;  // of this socket: from then on ZeroMQ may hold unsent messages
  bool met_master_ = false;      // on any socket: queued messages at the end are worth waiting for
  std::deque<std::string> waiting_;
  TimerId timer_ = 0;  // next family while connecting, else the end of the phase
  std::shared_ptr<Dealer*> self_ = std::make_shared<Dealer*>(this);  // for posted calls
};

}  // namespace locust::proto
