// What the web server and the routes say to each other: a request as it was sent, and its answer.
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
  bool secure = false;    // it came over TLS

  // The first header of that name, which is in lower case; empty if there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

// Texts that many clients are sent are shared, not copied.
using Text = std::shared_ptr<const std::string>;

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  Fields headers = {};  // beside those that every response has
  Text body = nullptr;  // null: empty
  // Instead of `body`: the file of this path, as long as it is now.
  std::optional<std::string> file = std::nullopt;
  // After `body` the connection stays open and gets every event that the server publishes.
  bool stream = false;
  std::string stream_owner = {};  // for whom it is, as HttpServer::publish asks
};

// Gives the answer to one request, from any thread; another call does nothing, and neither does one
// after the client or the server has gone.
using Respond = std::function<void(Response)>;

}  // namespace locust::master::web
