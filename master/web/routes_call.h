// What the sources of Routes share.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "master/web/routes.h"

namespace locust::master::web {

// One request that found its route.
struct Routes::Call {
  const Request& request;
  const Respond& respond;
  Fields query;
  Fields form;                       // of a POST
  const Session* session = nullptr;  // null without --web-login too
};

inline Response text_response(int status, std::string content_type, std::string text) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

inline Response html(int status, std::string text) {
  return text_response(status, "text/html; charset=utf-8", std::move(text));
}

// With the line end that Flask's has.
inline Response json_response(std::string text, int status = 200) {
  return text_response(status, "application/json", std::move(text) + "\n");
}

}  // namespace locust::master::web
