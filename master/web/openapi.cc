#include "master/web/openapi.h"

#include <utility>

#include "common/base/version.h"
#include "master/web/json.h"
#include "master/web/openapi_schemas.h"

namespace locust::master::web {
namespace {

std::string method_name(Method method) { return method == Method::kPost ? "post" : "get"; }

bool is_open(const Operation& operation) {
  return operation.rule == Rule::kOpen || operation.rule == Rule::kProbe;
}

Json form_field(std::string_view type, std::string_view description) {
  return {{"type", type}, {"description", description}};
}

Json swarm_body() {
  Json properties = {{"user_count", form_field("integer", "Target count of users")},
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

void add_response(Json& responses, const char* status, std::string_view description) {
  responses[status] = {{"description", description}};
}

// The responses that depend on who may call, and how.
Json responses(const Operation& operation) {
  const bool posts = operation.method == Method::kPost;
  Json all = Json::object();
  add_response(all, "200", "OK");
  all["200"]["content"] = {{operation.type, {{"schema", content_schema(operation)}}}};
  if (operation.rule != Rule::kProbe) {
    add_response(
        all, "403",
        "A page of another site sent the request, or the host is not in --web-allowed-hosts");
  }
  if (!is_open(operation)) {
    add_response(all, "401", "Nobody is logged in, with --web-login");
    if (posts) {
      add_response(
          all, "403",
          "A page of another site sent the request, the host is not in --web-allowed-hosts, or, "
          "with --web-login, the header X-CSRF-Token is missing or wrong");
    }
  }
  if (posts) {
    add_response(all, "413", "The body is too large or has too many fields");
    add_response(all, "503", "Too many large requests at once");
  }
  return all;
}

void add_user(Json& json) {
  const Json schema = {{"type", "object"},
                       {"properties", {{"user_class_name", {{"type", "string"}}}}},
                       {"required", Json::array({"user_class_name"})},
                       {"additionalProperties", true}};
  json["requestBody"] = {{"content", {{kJsonType, {{"schema", schema}}}}}};
  Json& responses = json["responses"];
  responses["201"] = responses["200"];
  responses.erase("200");
  add_response(responses, "400", "There is no such class, or an attribute is wrong");
  add_response(responses, "415", "Not application/json");
}

void add_login(Json& responses) {
  add_response(responses, "302", "To the page, with the cookie of the session");
  add_response(responses, "401", "User name or password is wrong");
  add_response(responses, "403", "As elsewhere, or the form is not from GET /login");
  add_response(responses, "429", "Too many wrong passwords");
}

void add_particulars(Particulars particulars, Json& json) {
  switch (particulars) {
    case Particulars::kNone:
      return;
    case Particulars::kSwarm:
      json["requestBody"] = swarm_body();
      return;
    case Particulars::kUser:
      return add_user(json);
    case Particulars::kLogin:
      return add_login(json["responses"]);
    case Particulars::kReport:
      json["parameters"].push_back(parameter("download", "string", "1: as an attachment"));
      return;
    case Particulars::kFullHistory:
      return add_response(json["responses"], "404", "Without --csv-full-history");
    case Particulars::kHistory:
      json["parameters"].push_back(
          parameter("after", "number",
                    "Seconds since the epoch: returns only later points, if earlier ones "
                    "are unchanged"));
      return;
    case Particulars::kReadyz:
      return add_response(json["responses"], "503", "Workers are missing");
  }
}

Json operation_json(const Operation& operation) {
  Json json = {{"summary", operation.summary},
               {"responses", responses(operation)},
               {"parameters", Json::array()}};
  add_particulars(operation.particulars, json);
  if (!is_open(operation)) {
    Json login = {{"session", Json::array()}};
    if (operation.method == Method::kPost) login["csrf"] = Json::array();
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

std::string openapi_json(std::span<const Operation> operations, std::string_view session_cookie) {
  Json paths = Json::object();
  for (const Operation& operation : operations) {
    paths[std::string(operation.path)][method_name(operation.method)] = operation_json(operation);
  }
  return text_of(
      {{"openapi", "3.0.3"},
       {"info",
        {{"title", "locust-master"}, {"version", kVersion}, {"description", "See docs/api.md."}}},
       {"paths", std::move(paths)},
       {"components",
        {{"schemas", api_schemas()}, {"securitySchemes", security_schemes(session_cookie)}}}});
}

}  // namespace locust::master::web
