#include "common/scenario_schema.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "common/scenario_parse_parts.h"

namespace locust {
namespace {

struct Shape {
  std::string_view table;  // empty: in every table
  std::string_view key;
  std::string_view schema;
};

// What may stand behind a key. One that is not here may hold anything.
constexpr std::array kShapes = {
    Shape{"scenario", "host", R"({"$ref": "#/$defs/text"})"},
    Shape{"scenario", "steps",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/steps"}})"},
    Shape{"scenario", "users",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/user_class"}})"},
    Shape{"scenario", "feeders",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/feeder"}})"},
    Shape{"user_class", "fixed_count", R"({"type": "integer", "minimum": 0})"},
    Shape{"user_class", "host", R"({"$ref": "#/$defs/text"})"},
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
    Shape{"step", "get", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "post", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "put", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "patch", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "delete", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "head", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "options", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "request",
          R"({"type": "object", "properties": {"method": {"type": "string"}, )"
          R"("url": {"$ref": "#/$defs/text"}}, "required": ["method", "url"], )"
          R"("additionalProperties": false})"},
    Shape{"step", "name", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "params", R"({"$ref": "#/$defs/fields"})"},
    Shape{"step", "form", R"({"$ref": "#/$defs/fields"})"},
    Shape{"step", "body", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "body_file", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "multipart", R"({"type": "object", "minProperties": 1})"},
    Shape{"", "check", R"({"$ref": "#/$defs/checks"})"},
    Shape{"step", "save",
          R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/text"}})"},
    Shape{"step", "run", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "set", R"({"type": "object"})"},
    Shape{"step", "wait", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "interrupt", R"({"enum": [true]})"},
    Shape{"step", "feed", R"({"$ref": "#/$defs/text"})"},
    Shape{"step", "add", R"({"type": "object", "additionalProperties": {"type": "object"}})"},
    Shape{"step", "then", R"({"$ref": "#/$defs/steps"})"},
    Shape{"step", "else", R"({"$ref": "#/$defs/steps"})"},
    Shape{"step", "do", R"({"$ref": "#/$defs/steps"})"},
    Shape{"step", "after", R"({"$ref": "#/$defs/steps"})"},
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

// What the shapes above are made of.
constexpr std::string_view kDefinitions = R"(
    "text": {"type": ["string", "number", "boolean"]},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    "field": {"type": ["string", "number", "boolean", "null"]},
    "fields": {"type": "object", "additionalProperties":
      {"anyOf": [{"$ref": "#/$defs/field"}, {"type": "array", "items": {"$ref": "#/$defs/field"}}]}},
    "check": {"anyOf": [{"$ref": "#/$defs/text"},
      {"type": "object", "additionalProperties": {"$ref": "#/$defs/text"}}]},
    "checks": {"anyOf": [{"$ref": "#/$defs/check"}, {"type": "array", "items": {"$ref": "#/$defs/check"}}]},
    "count": {"type": "integer", "minimum": 0},
    "row": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "string"}},
    "task": {"anyOf": [{"$ref": "#/$defs/steps"}, {"$ref": "#/$defs/task_map"}]},
)";

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

std::string definition(std::string_view table, const std::vector<std::string_view>& keys,
                       const std::string& more) {
  const std::string name = table == "task" ? "task_map" : std::string(table);
  return "    \"" + name + "\": {\n" + mapping(table, keys, "      ") + more + "\n    }";
}

}  // namespace

std::string scenario_schema() {
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
      "  \"title\": \"Scenario file of locust-cpp\",\n";
  out += mapping("scenario", scenario_keys(), "  ");
  // A place for anchors.
  out += ",\n  \"patternProperties\": {\"^x-\": true},\n  \"$defs\": {";
  out += kDefinitions;
  out += definition("user_class", user_class_keys(), ",\n      \"required\": [\"tasks\"]") + ",\n";
  out += definition("task", task_keys(), "") + ",\n";
  out += definition("step", step_keys(), ",\n      \"minProperties\": 1") + ",\n";
  out += definition("feeder", feeder_keys(), ",\n      \"minProperties\": 1") + ",\n";
  out += definition("shape", shape_keys(), ",\n      \"minProperties\": 1") + ",\n";
  out += definition("stage", stage_keys(), ",\n      \"required\": [\"users\"]") + ",\n";
  out += definition("threshold", threshold_keys(), ",\n      \"required\": [\"require\"]");
  return out + "\n  }\n}\n";
}

}  // namespace locust
