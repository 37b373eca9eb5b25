// HttpServer: HTTP/1.1 with or without TLS, on a thread of its own. Knows no route; what it is sent
// costs bounded memory, and nobody who is slow keeps others waiting.
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
  // As much of a body is always taken. What has come of larger ones counts together; who sends more
  // than fits is refused (503).
  std::size_t small_body_bytes = std::size_t{64} << 10;
  std::size_t bodies_bytes = std::size_t{32} << 20;
  // Beyond it the one makes room that has waited for its client longest, streams last; if the server
  // is at work for all of them, the new one is closed.
  std::size_t connections = 512;
  // Of all answers that clients have not taken yet; beyond it who has been taking longest is closed.
  std::size_t unsent_bytes = std::size_t{256} << 20;
  // Of a stream, not yet taken by its client; beyond it the stream is closed.
  std::size_t unsent_events = 16;
  Duration header_time = std::chrono::seconds(10);  // the handshake included
  Duration body_time = std::chrono::seconds(30);
  Duration idle_time = std::chrono::seconds(75);  // between two requests
  // To take an event of a stream; and a response, beside the time that its size takes at the least.
  Duration write_time = std::chrono::seconds(20);
  std::size_t bytes_per_second = std::size_t{16} << 10;
  // Who is refused in the middle of a request is read on for so long, so that it sees the answer.
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

// Used by the thread that made it, except where it says otherwise.
class HttpServer final {
 public:
  // Called on the server's thread for each complete request.
  using Handler = std::function<void(Request, Respond)>;

  // Listens, but serves nobody before start(). The error is one line that names the option.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerOptions& options);
  // Closes all connections. The handler is not called any more.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  class Core;  // http_core.h

  int port() const;
  // Once.
  void start(Handler handler);
  // Runs `task` on the server's thread, in order of posting. Thread-safe.
  void post(std::function<void()> task);
  // Sends `event` to all streams, and ends those whose owner may not read it any more. On the
  // server's thread only.
  using MayRead = std::function<bool(const std::string& owner)>;
  void publish(const Text& event, const MayRead& may_read = nullptr);

 private:
  explicit HttpServer(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace locust::master::web
