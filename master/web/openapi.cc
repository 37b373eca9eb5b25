#include "master/web/openapi.h"

#include <array>
#include <string_view>

#include "common/base/version.h"
#include "master/web/json.h"
#include "master/web/openapi_schemas.h"

namespace locust::master::web {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kHtmlType = "text/html";
constexpr std::string_view kCsvType = "text/csv";
constexpr std::string_view kTextType = "text/plain";

struct Operation {
  std::string_view path;
  std::string_view method;
  std::string_view type;  // of the answer
  std::string_view summary;
  std::string_view schema = {};  // of our own routes: the name in openapi_schemas.h
};

constexpr std::array kOperations = {
    Operation{"/", "get", kHtmlType, "The page"},
    Operation{"/swarm", "post", kJsonType, "Starts a test, or changes the one that runs"},
    Operation{"/stop", "get", kJsonType, "Ends the test; 405 with --web-login"},
    Operation{"/stop", "post", kJsonType, "Ends the test"},
    Operation{"/stats/reset", "get", kHtmlType, "Resets the statistics; 405 with --web-login"},
    Operation{"/stats/reset", "post", kHtmlType, "Resets the statistics"},
    Operation{"/stats/requests", "get", kJsonType, "Statistics, workers and state, as stock's"},
    Operation{"/stats/requests/csv", "get", kCsvType, "The statistics as --csv writes them"},
    Operation{"/stats/failures/csv", "get", kCsvType, "The failures as --csv writes them"},
    Operation{"/stats/requests_full_history/csv", "get", kCsvType,
              "The history as --csv-full-history writes it; 404 without that option"},
    Operation{"/stats/report", "get", kHtmlType, "The report, one self-contained file"},
    Operation{"/exceptions", "get", kJsonType, "What tasks raised"},
    Operation{"/exceptions/csv", "get", kCsvType, "The same as --csv writes it"},
    Operation{"/tasks", "get", kJsonType, "Ratios of user classes and tasks"},
    Operation{"/logs", "get", kJsonType, "The last lines of the logs of master and workers"},
    Operation{"/worker-count", "get", kJsonType, "How many workers take part"},
    Operation{"/user", "post", kJsonType, "Changes attributes of a user class"},
    Operation{"/login", "get", kHtmlType, "The login form"},
    Operation{"/login", "post", kHtmlType, "Logs in; answers with a cookie"},
    Operation{"/logout", "post", kHtmlType, "Logs out"},
    Operation{"/api/v1/events", "get", "text/event-stream",
              "Server-sent events; at once and every second a 'tick', whose data is a Tick"},
    Operation{"/api/v1/entries", "get", kJsonType, "Statistics by request name", "Entries"},
    Operation{"/api/v1/failures", "get", kJsonType,
              "Failures, each with its first exchange where workers of ours saw it", "Failures"},
    Operation{"/api/v1/exceptions", "get", kJsonType, "What tasks raised", "Exceptions"},
    Operation{"/api/v1/workers", "get", kJsonType, "Workers and what they say of themselves",
              "Workers"},
    Operation{"/api/v1/logs", "get", kJsonType, "The last lines of the logs", "Logs"},
    Operation{"/api/v1/tasks", "get", kJsonType, "Ratios of user classes and tasks", "Tasks"},
    Operation{"/api/v1/history", "get", kJsonType,
              "The test second by second, for charts and the heat map", "History"},
    Operation{"/api/v1/form", "get", kJsonType, "What the form to start a test is filled with",
              "Form"},
    Operation{"/api/v1/run.json", "get", kJsonType,
              "All of it as one file, for locust-master --compare", "Report"},
    Operation{"/api/v1/openapi.json", "get", kJsonType, "This description"},
    Operation{"/metrics", "get", kTextType, "Prometheus' text format"},
    Operation{"/healthz", "get", kTextType, "200: the master runs"},
    Operation{"/readyz", "get", kTextType, "200: the expected workers are connected; else 503"},
};

// To everyone, also with --web-login.
bool is_probe(const Operation& operation) {
  return operation.path == "/healthz" || operation.path == "/readyz";
}

bool is_open(const Operation& operation) {
  return operation.path == "/login" || is_probe(operation);
}

Json form_field(std::string_view type, std::string_view description) {
  return {{"type", type}, {"description", description}};
}

Json swarm_body() {
  Json properties = {{"user_count", form_field("integer", "Users that there are to be")},
                     {"spawn_rate", form_field("number", "Users to start per second")},
                     {"host", form_field("string", "Host of all user classes")},
                     {"run_time", form_field("string", "When to stop: 90, 20s, 3m, 1h20m")},
                     {"user_classes", {{"type", "array"}, {"items", {{"type", "string"}}}}},
                     {"shape_class", form_field("string", "Load shape, with --class-picker")},
                     {"profile", form_field("string", "Name of the run")}};
  const Json schema = {{"type", "object"},
                       {"properties", std::move(properties)},
                       {"additionalProperties", {{"type", "string"}}}};
  return {{"content",
           {{"application/x-www-form-urlencoded", {{"schema", schema}}},
            {"multipart/form-data", {{"schema", schema}}}}}};
}

Json parameter(std::string_view name, std::string_view type, std::string_view description) {
  return {{"name", name},
          {"in", "query"},
          {"required", false},
          {"schema", {{"type", type}}},
          {"description", description}};
}

Json content_schema(const Operation& operation) {
  if (!operation.schema.empty()) return schema_ref(operation.schema);
  return {{"type", operation.type == kJsonType ? "object" : "string"}};
}

// Beside what each says of itself.
Json responses(const Operation& operation) {
  Json all = Json::object();
  const auto add = [&all](const char* status, std::string_view description) {
    all[status] = {{"description", description}};
  };
  const bool posts = operation.method == "post";
  add(operation.path == "/user" ? "201" : "200", "OK");
  all.front()["content"] = {{operation.type, {{"schema", content_schema(operation)}}}};
  if (!is_probe(operation)) {
    add("403",
        "A page of another site sent the request, or the host is not in --web-allowed-hosts");
  }
  if (!is_open(operation)) {
    add("401", "Nobody is logged in, with --web-login");
    if (posts) {
      add("403",
          "A page of another site sent the request, the host is not in --web-allowed-hosts, or, "
          "with "
          "--web-login, the header X-CSRF-Token is missing or wrong");
    }
  }
  if (posts) {
    add("413", "The body is too large or has too many fields");
    add("503", "Too many large requests at once");
  }
  if (operation.path == "/user") {
    add("400", "There is no such class, or an attribute is wrong");
    add("415", "Not application/json");
  }
  if (operation.path == "/login" && posts) {
    add("302", "To the page, with the cookie of the session");
    add("401", "User name or password is wrong");
    add("403", "As elsewhere, or the form is not the one that GET /login gave");
    add("429", "Too many wrong passwords");
  }
  if (operation.path == "/stats/requests_full_history/csv") {
    add("404", "Without --csv-full-history");
  }
  if (operation.path == "/readyz") add("503", "Workers are missing");
  return all;
}

Json parameters(const Operation& operation) {
  if (operation.path == "/api/v1/history") {
    return Json::array({parameter("after", "number",
                                  "Seconds since the epoch: only later points, where those before "
                                  "are still as they were")});
  }
  if (operation.path == "/stats/report") {
    return Json::array({parameter("download", "string", "1: as an attachment")});
  }
  return Json::array();
}

Json operation_json(const Operation& operation) {
  Json json = {{"summary", operation.summary},
               {"responses", responses(operation)},
               {"parameters", parameters(operation)}};
  if (operation.path == "/swarm") json["requestBody"] = swarm_body();
  if (operation.path == "/user") {
    const Json schema = {{"type", "object"},
                         {"properties", {{"user_class_name", {{"type", "string"}}}}},
                         {"required", Json::array({"user_class_name"})},
                         {"additionalProperties", true}};
    json["requestBody"] = {{"content", {{kJsonType, {{"schema", schema}}}}}};
  }
  if (!is_open(operation)) {
    Json login = {{"session", Json::array()}};
    if (operation.method == "post") login["csrf"] = Json::array();
    json["security"] = Json::array({Json::object(), std::move(login)});  // either
  }
  return json;
}

Json security_schemes(std::string_view session_cookie) {
  return {{"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", session_cookie},
            {"description", "With --web-login, from POST /login; the name ends with the port"}}},
          {"csrf",
           {{"type", "apiKey"},
            {"in", "header"},
            {"name", "X-CSRF-Token"},
            {"description", "With --web-login; csrf of /api/v1/form"}}}};
}

}  // namespace

std::string openapi_json(std::string_view session_cookie) {
  Json paths = Json::object();
  for (const Operation& operation : kOperations) {
    paths[std::string(operation.path)][std::string(operation.method)] = operation_json(operation);
  }
  return text_of(
      {{"openapi", "3.0.3"},
       {"info",
        {{"title", "locust-master"},
         {"version", kVersion},
         {"description", "docs/api.md explains the answers."}}},
       {"paths", std::move(paths)},
       {"components",
        {{"schemas", api_schemas()}, {"securitySchemes", security_schemes(session_cookie)}}}});
}

}  // namespace locust::master::web
