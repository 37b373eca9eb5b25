// The requests and responses that the web server and the routes exchange.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace locust::master::web {

// In order; names may repeat.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;      // "GET"
  std::string path;        // as sent, up to the first '?'
  std::string query = {};  // as sent, after it
  Fields headers = {};     // names in lower case
  std::string body = {};
  std::string peer = {};  // address without port
  bool secure = false;    // it arrived over TLS

  // The first header with that name, in lower case; empty if there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

// Texts that are sent to many clients are shared, not copied.
using Text = std::shared_ptr<const std::string>;

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  Fields headers = {};  // besides those of every response
  Text body = nullptr;  // null: empty
  // Instead of `body`: the file with this path, with its current length.
  std::optional<std::string> file = std::nullopt;
  // After `body` the connection stays open and receives every event that the server publishes.
  bool stream = false;
  std::string stream_owner = {};  // the owner, for HttpServer::publish
};

// Sends the response to one request. Thread-safe. Further calls, and calls after the client or the
// server has gone, have no effect.
using Respond = std::function<void(Response)>;

}  // namespace locust::master::web
