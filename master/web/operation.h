// Operation: a path and a method that the web server answers, one row of the table in
// route_table.cc. Routes dispatches by these rows, and openapi.h describes them.
#pragma once

#include <string_view>

namespace locust::master::web {

enum class Method { kGet, kPost };  // HEAD counts as GET

// Who may call.
enum class Rule {
  kProbe,   // everyone, under any host name: has no data of a test
  kOpen,    // everyone, also with --web-login
  kRead,    // with --web-login those who are logged in
  kChange,  // the same, and only by requests of our page
};

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kHtmlType = "text/html";
inline constexpr std::string_view kCsvType = "text/csv";
inline constexpr std::string_view kTextType = "text/plain";
inline constexpr std::string_view kEventsType = "text/event-stream";

// Parameters, bodies and statuses that not every operation has; openapi.cc has their texts.
enum class Particulars { kNone, kSwarm, kUser, kLogin, kReport, kFullHistory, kHistory, kReadyz };

struct Operation {
  std::string_view path;
  Method method;
  Rule rule;
  std::string_view type;  // of the answer
  std::string_view summary;
  std::string_view schema = {};  // of our own JSON: the name in openapi_schemas.h
  Particulars particulars = Particulars::kNone;
};

}  // namespace locust::master::web
