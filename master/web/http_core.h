// Shared by the sources of HttpServer. Beast and Asio take long to compile: include it nowhere
// else.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>

#include "common/base/log_limiter.h"
#include "master/web/http_server.h"

namespace locust::master::web {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

// How long a connection has waited for its client; determines which one is closed.
struct Waiting {
  // In the order in which they are closed; kNever: the server is working for it.
  enum class For { kRequest, kTaking, kStream, kNever };
  For what = For::kRequest;
  std::uint64_t since = 0;  // smaller is longer
  auto operator<=>(const Waiting&) const = default;
};

// Bodies of responses in flight. A body that is sent to many clients counts once.
class UnsentBodies {
 public:
  void add(const Text& body);
  void remove(const Text& body);
  std::size_t bytes() const { return bytes_; }

 private:
  std::unordered_map<const std::string*, std::size_t> readers_;  // of each body
  std::size_t bytes_ = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  // Closes it permanently: later completions have no effect.
  virtual void close() = 0;
  virtual void answer(std::uint64_t request, Response response) = 0;
  virtual void take_event(const Text& event) = 0;
  // Null if it is not a stream.
  virtual const std::string* stream_owner() const = 0;
  virtual bool has_unsent_body() const = 0;
  const Waiting& waiting() const { return waiting_; }

 protected:
  Waiting waiting_;
};

// The state of the server's thread. Kept alive by pending responses.
class HttpServer::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(const ServerLimits& server_limits) : limits(server_limits), log_limit(clock) {}

  Result<void> listen(const ServerOptions& options);
  void accept();
  void forget(const std::shared_ptr<Connection>& connection) { connections.erase(connection); }
  void close_all();
  // Closes the slowest readers until the bodies are within bounds. `newest` stays, so that a
  // response of any size can be sent.
  void bound_unsent(const Connection& newest);
  std::uint64_t next_moment() { return ++moment; }

  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::steady_timer accept_again{io};
  std::optional<net::ssl::context> tls;
  const ServerLimits limits;
  Handler handler;
  std::thread thread;
  std::set<std::shared_ptr<Connection>> connections;
  std::size_t bodies_bytes = 0;  // of the large requests that are being read and answered
  UnsentBodies unsent;
  std::uint64_t moment = 0;
  SystemClock clock;
  LogLimiter log_limit;

 private:
  void take(tcp::socket socket);
  bool make_room();  // false: the server is working for all of them
};

// A connection of plain HTTP, or of HTTPS if the core has `tls`. It does nothing before start().
std::shared_ptr<Connection> make_connection(HttpServer::Core& core, tcp::socket socket);

}  // namespace locust::master::web
