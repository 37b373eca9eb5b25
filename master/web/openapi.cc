#include "master/web/openapi.h"

#include <array>
#include <string_view>

#include "common/version.h"
#include "master/web/json.h"

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
};

constexpr std::array kOperations = {
    Operation{"/", "get", kHtmlType, "The page"},
    Operation{"/swarm", "post", kJsonType, "Starts a test, or changes the one that runs"},
    Operation{"/stop", "get", kJsonType, "Ends the test; by POST where --web-login is on"},
    Operation{"/stats/reset", "get", kTextType,
              "The statistics begin anew; by POST where --web-login is on"},
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
              "Server-sent events; a 'tick' every second, and at once"},
    Operation{"/api/v1/entries", "get", kJsonType, "Statistics by request name"},
    Operation{"/api/v1/failures", "get", kJsonType,
              "Failures, each with its first exchange where workers of ours saw it"},
    Operation{"/api/v1/exceptions", "get", kJsonType, "What tasks raised"},
    Operation{"/api/v1/workers", "get", kJsonType, "Workers and what they say of themselves"},
    Operation{"/api/v1/logs", "get", kJsonType, "The last lines of the logs"},
    Operation{"/api/v1/tasks", "get", kJsonType, "Ratios of user classes and tasks"},
    Operation{"/api/v1/history", "get", kJsonType,
              "The test second by second, for charts and the heat map"},
    Operation{"/api/v1/form", "get", kJsonType, "What the form to start a test is filled with"},
    Operation{"/api/v1/run.json", "get", kJsonType,
              "All of it as one file, for locust-master --compare"},
    Operation{"/api/v1/openapi.json", "get", kJsonType, "This description"},
    Operation{"/metrics", "get", kTextType, "Prometheus' text format"},
    Operation{"/healthz", "get", kTextType, "200: the master runs"},
    Operation{"/readyz", "get", kTextType, "200: the expected workers are connected; else 503"},
};

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

Json operation_json(const Operation& operation) {
  const Json content = {{operation.type, {{"schema", Json::object()}}}};
  Json json = {{"summary", operation.summary},
               {"responses", {{"200", {{"description", "OK"}, {"content", content}}}}}};
  if (operation.path == "/swarm") json["requestBody"] = swarm_body();
  if (operation.path == "/user") {
    json["requestBody"] = {{"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}};
    json["responses"] = {{"201", {{"description", "Changed"}}},
                         {"400", {{"description", "There is no such class"}}}};
  }
  if (operation.path == "/api/v1/history") {
    json["parameters"] = {parameter("after", "number",
                                    "Seconds since the epoch: only later points, where those "
                                    "before are still as they were")};
  }
  if (operation.path == "/stats/report") {
    json["parameters"] = {parameter("download", "string", "1: as an attachment")};
  }
  return json;
}

}  // namespace

std::string openapi_json() {
  Json paths = Json::object();
  for (const Operation& operation : kOperations) {
    paths[std::string(operation.path)][std::string(operation.method)] = operation_json(operation);
  }
  return text_of({{"openapi", "3.0.3"},
                  {"info",
                   {{"title", "locust-master"},
                    {"version", kVersion},
                    {"description", "docs/web.md explains the answers."}}},
                  {"paths", std::move(paths)}});
}

}  // namespace locust::master::web
