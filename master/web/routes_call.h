// Shared by the sources of Routes.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "master/web/routes.h"

namespace locust::master::web {

// An operation and the function that responds to it.
struct Routes::Route {
  Operation operation;
  void (Routes::*answer)(const Call&);
};

// One request with its route.
struct Routes::Call {
  std::string_view path;  // the route's
  const Request& request;
  const Respond& respond;
  Fields query;
  Fields form;                            // of a POST
  const LoginSession* session = nullptr;  // null without --web-login too
};

inline Response body_response(std::string content_type, Text body) {
  Response response;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

inline Response text_response(int status, std::string content_type, std::string text) {
  Response response =
      body_response(std::move(content_type), std::make_shared<const std::string>(std::move(text)));
  response.status = status;
  return response;
}

inline constexpr const char* kHtml = "text/html; charset=utf-8";

inline Response html(int status, std::string text) {
  return text_response(status, kHtml, std::move(text));
}

inline constexpr const char* kJson = "application/json";

// With a line end, like Flask's.
inline Response json_response(std::string text, int status = 200) {
  return text_response(status, kJson, std::move(text) + "\n");
}

template <typename Make>
Text Routes::shared(const Call& call, Make make, std::string variant) {
  auto [place, is_new] = shared_.try_emplace(call.path);
  Shared& known = place->second;
  if (is_new || known.variant != variant) {
    known = {std::move(variant), std::make_shared<const std::string>(make())};
  }
  return known.body;
}

}  // namespace locust::master::web
