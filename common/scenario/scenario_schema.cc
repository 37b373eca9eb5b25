#include "common/scenario/scenario_schema.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

struct Shape {
  std::string_view table;  // empty: in every table
  std::string_view key;
  std::string_view schema;
};

// The values of keys. A key that is not listed may have any value.
constexpr std::array kShapes = {
    Shape{"scenario", "host", R"({"$ref": "#/$defs/text"})"},
    Shape{"scenario", "steps",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/steps"}})"},
    Shape{"scenario", "users",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/user_class"}})"},
    Shape{"scenario", "feeders",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/feeder"}})"},
    Shape{"scenario", "arguments",
          R"({"type": "object", "additionalProperties": )"
          R"({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/argument"}]}})"},
    Shape{"scenario", "resolve",
          R"({"type": "object", "additionalProperties": {"type": "string"}})"},
    Shape{"scenario", "dns_ttl", R"({"type": ["number", "string"]})"},
    Shape{"user_class", "fixed_count", R"({"type": "integer", "minimum": 0})"},
    Shape{"user_class", "host", R"({"$ref": "#/$defs/text"})"},
    Shape{"user_class", "cache", R"({"type": "boolean"})"},
    Shape{"user_class", "connections", R"({"type": "integer", "minimum": 1})"},
    Shape{"user_class", "source_ip",
          R"({"type": ["string", "array"], "items": {"type": "string"}})"},
    Shape{"", "wait_time", R"({"type": ["number", "string", "null"]})"},
    Shape{"", "weight", R"({"type": "number", "exclusiveMinimum": 0})"},
    Shape{"", "tags", R"({"type": "array", "items": {"$ref": "#/$defs/text"}})"},
    Shape{"", "tasks",
          R"({"type": "object", "minProperties": 1, )"
          R"("additionalProperties": {"$ref": "#/$defs/task"}})"},
    Shape{"", "sequence", R"({"type": "boolean"})"},
    Shape{"user_class", "iterations", R"({"type": "integer", "minimum": 1})"},
    Shape{"", "on_start", R"({"$ref": "#/$defs/steps"})"},
    Shape{"", "on_stop", R"({"$ref": "#/$defs/steps"})"},
    Shape{"", "test_start", R"({"$ref": "#/$defs/steps"})"},
    Shape{"", "test_stop", R"({"$ref": "#/$defs/steps"})"},
    Shape{"", "headers", R"({"$ref": "#/$defs/headers"})"},
    Shape{"task", "steps", R"({"$ref": "#/$defs/steps"})"},
    Shape{"request", "get", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "post", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "put", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "patch", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "delete", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "head", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "options", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "request",
          R"({"type": "object", "properties": {"method": {"type": "string"}, )"
          R"("url": {"$ref": "#/$defs/text"}}, "required": ["method", "url"], )"
          R"("additionalProperties": false})"},
    Shape{"request", "name", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "params", R"({"$ref": "#/$defs/fields"})"},
    Shape{"request", "form", R"({"$ref": "#/$defs/fields"})"},
    Shape{"request", "body", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "body_file", R"({"$ref": "#/$defs/text"})"},
    Shape{"request", "multipart",
          R"({"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": )"
          R"([{"$ref": "#/$defs/part"}, {"type": "array", "items": {"$ref": "#/$defs/part"}}]}})"},
    Shape{"request", "record", R"({"type": "boolean"})"},
    Shape{"request", "after", R"({"$ref": "#/$defs/steps"})"},
    Shape{"user_class", "after", R"({"$ref": "#/$defs/steps"})"},
    Shape{"", "check", R"({"$ref": "#/$defs/checks"})"},
    Shape{"request", "save",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/text"}})"},
    Shape{"action", "run", R"({"$ref": "#/$defs/text"})"},
    Shape{"action", "set", R"({"type": "object"})"},
    Shape{"action", "wait", R"({"$ref": "#/$defs/text"})"},
    Shape{"action", "feed", R"({"$ref": "#/$defs/text"})"},
    Shape{"action", "add", R"({"type": "object", "additionalProperties": {"type": "object"}})"},
    Shape{"action", "log", R"({"$ref": "#/$defs/text"})"},
    Shape{"action", "fail", R"({"$ref": "#/$defs/text"})"},
    Shape{"action", "retry", R"({"type": "integer", "minimum": 0})"},
    Shape{"action", "new_session", R"({"const": true})"},
    Shape{"action", "end_task", R"({"const": true})"},
    Shape{"action", "interrupt", R"({"const": true})"},
    Shape{"action", "stop_user", R"({"const": true})"},
    Shape{"action", "stop_test", R"({"const": true})"},
    Shape{"if", "if", R"({"$ref": "#/$defs/text"})"},
    Shape{"if", "then", R"({"$ref": "#/$defs/steps"})"},
    Shape{"if", "else", R"({"$ref": "#/$defs/steps"})"},
    Shape{"loop", "repeat", R"({"type": ["integer", "string", "array"], "minimum": 0})"},
    Shape{"loop", "as", R"({"type": "string"})"},
    Shape{"loop", "while", R"({"$ref": "#/$defs/text"})"},
    Shape{"loop", "within", R"({"type": ["number", "string"], "minimum": 0})"},
    Shape{"choose", "choose",
          R"({"type": "array", "items": {"$ref": "#/$defs/branch"}, "minItems": 1})"},
    Shape{"transaction", "transaction", R"({"$ref": "#/$defs/text"})"},
    Shape{"", "do", R"({"$ref": "#/$defs/steps"})"},
    Shape{"file", "path", R"({"$ref": "#/$defs/text"})"},
    Shape{"file", "type", R"({"$ref": "#/$defs/text"})"},
    Shape{"file", "filename", R"({"$ref": "#/$defs/text"})"},
    Shape{"argument", "default", R"({"$ref": "#/$defs/field"})"},
    Shape{"argument", "help", R"({"$ref": "#/$defs/text"})"},
    Shape{"argument", "secret", R"({"type": "boolean"})"},
    Shape{"argument", "choices",
          R"({"type": "array", "items": {"$ref": "#/$defs/text"}, "minItems": 1})"},
    Shape{"", "cookies", R"({"$ref": "#/$defs/headers"})"},
    Shape{"", "auth", R"({"$ref": "#/$defs/auth"})"},
    Shape{"", "timeout", R"({"type": ["number", "string", "null"]})"},
    Shape{"", "max_redirects", R"({"type": ["integer", "string", "null"]})"},
    Shape{"", "allow_redirects", R"({"$ref": "#/$defs/switch"})"},
    Shape{"", "verify", R"({"$ref": "#/$defs/switch"})"},
    Shape{"", "http2", R"({"$ref": "#/$defs/switch"})"},
    Shape{"", "cert", R"({"type": ["string", "null"]})"},
    Shape{"", "ca", R"({"type": ["string", "null"]})"},
    Shape{"", "proxy", R"({"type": ["string", "null"]})"},
    Shape{"", "unix_socket", R"({"type": ["string", "null"]})"},
    Shape{"feeder", "csv", R"({"type": "string"})"},
    Shape{"feeder", "json", R"({"type": "string"})"},
    Shape{"feeder", "rows", R"({"type": "array", "items": {"type": "object"}, "minItems": 1})"},
    Shape{"feeder", "delimiter", R"({"type": "string", "minLength": 1, "maxLength": 1})"},
    Shape{"feeder", "pick", R"({"enum": ["random", "sequential", "unique"]})"},
    Shape{"feeder", "keep", R"({"type": "integer", "minimum": 1})"},
    Shape{"scenario", "shape", R"({"$ref": "#/$defs/shape"})"},
    Shape{"scenario", "shapes",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/shape"}})"},
    Shape{"scenario", "thresholds",
          R"({"type": "array", "items": {"anyOf": [{"type": "string"}, )"
          R"({"$ref": "#/$defs/threshold"}, {"$ref": "#/$defs/row"}]}})"},
    Shape{"shape", "stages",
          R"({"type": "array", "items": {"$ref": "#/$defs/stage"}, "minItems": 1})"},
    Shape{"shape", "users", R"({"$ref": "#/$defs/text"})"},
    Shape{"shape", "spawn_rate", R"({"$ref": "#/$defs/text"})"},
    Shape{"shape", "until", R"({"$ref": "#/$defs/text"})"},
    Shape{"shape", "csv", R"({"type": "string"})"},
    Shape{"stage", "for", R"({"$ref": "#/$defs/text"})"},
    Shape{"stage", "until", R"({"$ref": "#/$defs/text"})"},
    Shape{"stage", "users",
          R"({"anyOf": [{"$ref": "#/$defs/count"}, {"type": "object", )"
          R"("minProperties": 1, "additionalProperties": {"$ref": "#/$defs/count"}}]})"},
    Shape{"stage", "spawn_rate", R"({"type": "number", "exclusiveMinimum": 0})"},
    Shape{"threshold", "require", R"({"type": "string"})"},
    Shape{"threshold", "after", R"({"$ref": "#/$defs/text"})"},
    Shape{"threshold", "abort", R"({"type": "boolean"})"},
};

// The definitions used above, besides the mappings that have a table in the parser.
constexpr std::string_view kDefinitions = R"(
    "text": {"type": ["string", "number", "boolean"]},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    "step": {"anyOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/action"}, {"$ref": "#/$defs/if"},
      {"$ref": "#/$defs/loop"}, {"$ref": "#/$defs/choose"}, {"$ref": "#/$defs/transaction"},
      {"$ref": "#/$defs/parallel"}]},
    "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    "field": {"type": ["string", "number", "boolean", "null"]},
    "fields": {"type": "object", "additionalProperties":
      {"anyOf": [{"$ref": "#/$defs/field"}, {"type": "array", "items": {"$ref": "#/$defs/field"}}]}},
    "part": {"anyOf": [{"$ref": "#/$defs/text"}, {"$ref": "#/$defs/file"}]},
    "check": {"anyOf": [{"$ref": "#/$defs/text"},
      {"type": "object", "additionalProperties": {"$ref": "#/$defs/text"}}]},
    "checks": {"anyOf": [{"$ref": "#/$defs/check"}, {"type": "array", "items": {"$ref": "#/$defs/check"}}]},
    "count": {"type": "integer", "minimum": 0},
    "row": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "string"}},
    "switch": {"type": ["boolean", "string", "null"]},
    "login": {"type": "array", "items": {"$ref": "#/$defs/text"}, "minItems": 2, "maxItems": 2},
    "auth": {"type": ["object", "null"], "minProperties": 1, "maxProperties": 1,
      "properties": {"basic": {"$ref": "#/$defs/login"}, "digest": {"$ref": "#/$defs/login"},
        "bearer": {"$ref": "#/$defs/text"}}, "additionalProperties": false},
    "requests": {"type": "array", "items": {"$ref": "#/$defs/request"}},
    "parallel": {"anyOf": [
      {"type": "object", "properties": {"parallel": {"$ref": "#/$defs/requests"}},
        "required": ["parallel"], "additionalProperties": false},
      {"type": "object", "properties": {"parallel": {"type": ["string", "array"]}, "as": {"type": "string"},
        "do": {"$ref": "#/$defs/requests"}}, "required": ["parallel", "do"], "additionalProperties": false}]},
    "task": {"anyOf": [{"$ref": "#/$defs/steps"}, {"$ref": "#/$defs/task_map"}]})";

std::string_view shape_of(std::string_view table, std::string_view key) {
  const auto found = std::find_if(kShapes.begin(), kShapes.end(), [&](const Shape& shape) {
    return shape.key == key && (shape.table.empty() || shape.table == table);
  });
  return found == kShapes.end() ? "true" : found->schema;
}

// The members of a schema of a mapping that has these keys and no others.
std::string mapping(std::string_view table, const std::vector<std::string_view>& keys,
                    const std::string& indent) {
  std::string out = indent + "\"type\": \"object\",\n" + indent + "\"properties\": {";
  std::string_view separator = "\n";
  for (const std::string_view key : keys) {
    out += separator;
    separator = ",\n";
    out += indent + "  \"" + std::string(key) + "\": " + std::string(shape_of(table, key));
  }
  return out + "\n" + indent + "},\n" + indent + "\"additionalProperties\": false";
}

// `rules` describe which keys may be combined.
std::string definition(std::string_view table, const std::vector<std::string_view>& keys,
                       const std::vector<std::string>& rules) {
  std::string members = mapping(table, keys, "      ");
  for (const std::string& rule : rules) members += fmt::format(",\n      {}", rule);
  return fmt::format(",\n    \"{}\": {{\n{}\n    }}", table == "task" ? "task_map" : table,
                     members);
}

std::string required(const std::vector<std::string_view>& keys) {
  return fmt::format(R"("required": ["{}"])", fmt::join(keys, R"(", ")"));
}

// Requires "anyOf" or "oneOf" of these keys.
std::string required(std::string_view combination, const std::vector<std::string_view>& keys) {
  std::vector<std::string> each;
  for (const std::string_view key : keys) each.push_back(fmt::format("{{{}}}", required({key})));
  return fmt::format(R"("{}": [{}])", combination, fmt::join(each, ", "));
}

// Allows at most one of these keys.
std::string exclusive(const std::vector<std::string_view>& keys) {
  std::vector<std::string> each;
  for (const std::string_view key : keys) {
    std::vector<std::string_view> others = keys;
    std::erase(others, key);
    each.push_back(fmt::format(R"("{}": {{"not": {{{}}}}})", key, required("anyOf", others)));
  }
  return fmt::format(R"("dependentSchemas": {{{}}})", fmt::join(each, ", "));
}

}  // namespace

std::string scenario_schema() {
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
      "  \"title\": \"Scenario file of locust-cpp\",\n";
  out += mapping("scenario", scenario_keys(), "  ");
  // Keys for anchors.
  out += ",\n  \"patternProperties\": {\"^x-\": true},\n  \"$defs\": {";
  out += kDefinitions;
  out += definition("user_class", user_class_keys(), {required({"tasks"})});
  out += definition("task", task_keys(),
                    {required("oneOf", {"steps", "tasks"}),
                     R"("dependentRequired": {"sequence": ["tasks"], "wait_time": ["tasks"], )"
                     R"("on_start": ["tasks"], "on_stop": ["tasks"]})"});
  out += definition("request", request_keys(),
                    {required("oneOf", request_forms()),
                     exclusive({"json", "form", "body", "body_file", "multipart"})});
  out += definition("file", file_keys(), {required({"path"})});
  out += definition("action", action_keys(), {R"("minProperties": 1, "maxProperties": 1)"});
  out += definition("if", if_keys(), {required({"if", "then"})});
  out +=
      definition("loop", loop_keys(), {required({"do"}), required("anyOf", {"repeat", "within"})});
  out += definition("choose", choose_keys(), {required({"choose"})});
  out += definition("branch", branch_keys(), {required({"do"})});
  out += definition("transaction", transaction_keys(), {required({"transaction", "do"})});
  out += definition("argument", argument_keys(), {});
  out += definition(
      "feeder", feeder_keys(),
      {required("anyOf", {"csv", "json", "rows", "keep"}), exclusive({"csv", "json", "rows"})});
  out += definition("shape", shape_keys(),
                    {required("oneOf", {"stages", "users", "csv"}),
                     R"("dependentRequired": {"spawn_rate": ["users"], "until": ["users"]})"});
  out +=
      definition("stage", stage_keys(), {required({"users"}), required("oneOf", {"for", "until"})});
  out += definition("threshold", threshold_keys(), {required({"require"})});
  return out + "\n  }\n}\n";
}

}  // namespace locust
