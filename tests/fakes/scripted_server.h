// ScriptedServer: an HTTP server on real loopback sockets that follows a test's script: it
// responds, sends slowly, redirects, closes, resets, or sends nothing. It runs on the test's own
// loop, so that one thread sees both sides and no test must wait for real time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/event_loop.h"

namespace locust::fakes {

class ScriptedServer {
 public:
  enum class Then : std::uint8_t { kKeep, kClose, kReset };

  struct Request {
    std::string method;
    std::string target;
    std::string head;  // request line and headers
    std::string body;
    std::size_t body_bytes = 0;  // its length, also if it is not kept
    int connection = 0;          // counted from 1 in order of acceptance

    // Value of the first header of that name.
    std::optional<std::string> header(std::string_view name) const;
  };
  struct Reply {
    std::string bytes;  // as sent; empty: nothing is sent
    Then then = Then::kKeep;
  };
  using Handler = std::function<Reply(const Request&)>;

  // `loop` must outlive it.
  explicit ScriptedServer(EventLoop& loop);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // Sets the response to a request target (path, or path and query). Others get 404.
  void on(const std::string& target, Handler handler) { handlers_[target] = std::move(handler); }
  void on(const std::string& target, Reply reply) {
    handlers_[target] = [reply = std::move(reply)](const Request&) { return reply; };
  }
  // Bodies are counted, not kept.
  void keep_no_bodies() { keep_bodies_ = false; }
  // Sets what happens to a connection once it is accepted.
  void on_accept(Then then) { on_accept_ = then; }

  // Answers the first bytes of a connection, whatever they are, instead of reading requests.
  void on_bytes(std::function<Reply()> handler) { on_bytes_ = std::move(handler); }

  // Sends `bytes` on an open connection.
  void say(int connection, const std::string& bytes, Then then = Then::kKeep);

  int port() const { return port_; }
  std::string url(const std::string& target) const;
  const std::vector<Request>& requests() const { return requests_; }
  int accepted() const { return last_connection_; }
  std::size_t open() const { return connections_.size(); }

  // "HTTP/1.1 200 OK" with a Content-Length; `headers` are lines with CRLF.
  static Reply ok(const std::string& body, const std::string& headers = "");
  static Reply redirect(int status, const std::string& location, const std::string& headers = "");

 private:
  struct Connection {
    int fd;
    std::string in;
    std::size_t dropped = 0;  // bytes of the current body
    std::string out;
    Then then = Then::kKeep;
  };

  void accept_all();
  void on_ready(int id, std::uint32_t ready);
  void answer(int id);
  void flush(int id);
  void end(int id, bool reset);

  EventLoop& loop_;
  int listen_fd_;
  int port_ = 0;
  int last_connection_ = 0;
  Then on_accept_ = Then::kKeep;
  bool keep_bodies_ = true;
  std::function<Reply()> on_bytes_;
  std::map<int, Connection> connections_;
  std::map<std::string, Handler> handlers_;
  std::vector<Request> requests_;
};

}  // namespace locust::fakes
