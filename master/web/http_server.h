// HttpServer: HTTP/1.1 with or without TLS, on its own thread. Independent of routes. Its memory is
// bounded, and slow clients do not delay others.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "master/web/http.h"

namespace locust::master::web {

struct ServerLimits {
  std::size_t header_bytes = std::size_t{16} << 10;
  std::size_t body_bytes = std::size_t{1} << 20;
  // Bodies up to this size are always accepted. Received parts of larger ones share a limit, beyond
  // which requests are refused (503).
  std::size_t small_body_bytes = std::size_t{64} << 10;
  std::size_t bodies_bytes = std::size_t{32} << 20;
  // Beyond this the connection that has waited longest for its client is closed, streams last. If
  // the server is working for all of them, the new one is closed.
  std::size_t connections = 512;
  // The limit of all unread responses; beyond it the slowest reader is closed.
  std::size_t unsent_bytes = std::size_t{256} << 20;
  // The limit of unread events of a stream; beyond it the stream is closed.
  std::size_t unsent_events = 16;
  Duration header_time = std::chrono::seconds(10);  // including the handshake
  Duration body_time = std::chrono::seconds(30);
  Duration idle_time = std::chrono::seconds(75);  // between two requests
  // The time to read an event of a stream; and to read a response, in addition to the minimum for
  // its size.
  Duration write_time = std::chrono::seconds(20);
  std::size_t bytes_per_second = std::size_t{16} << 10;
  // For how long input of a client is read that was refused within a request, so that it receives
  // the response.
  Duration linger_time = std::chrono::seconds(2);
};

struct TlsFiles {
  std::string cert;  // --tls-cert: PEM, may be a chain
  std::string key;   // --tls-key
};

struct ServerOptions {
  std::string host = "*";  // --web-host; "*" or empty: all interfaces
  int port = 8089;         // 0: any free one
  std::optional<TlsFiles> tls = std::nullopt;
  ServerLimits limits = {};
};

// Used by the thread that created it, except where noted.
class HttpServer final {
 public:
  // Called on the server's thread for each complete request.
  using Handler = std::function<void(Request, Respond)>;

  // Listens, but does not respond before start(). The error is one line that names the option.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerOptions& options);
  // Closes all connections. The handler is not called afterwards.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  class Core;  // http_core.h

  int port() const;
  // Call it once.
  void start(Handler handler);
  // Runs `task` on the server's thread, in order of posting. Thread-safe.
  void post(std::function<void()> task);
  // Sends `event` to all streams, and ends those whose owner may no longer read it. Only on the
  // server's thread.
  using MayRead = std::function<bool(const std::string& owner)>;
  void publish(const Text& event, const MayRead& may_read = nullptr);

 private:
  explicit HttpServer(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace locust::master::web
