// The schema against a small validator of its own: it accepts what the parser accepts.
#include "common/scenario_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "common/expression_value.h"
#include "common/scenario_parse_yaml.h"
#include "tests/fakes/test_data.h"

namespace locust {
namespace {

using nlohmann::json;

// A YAML tree as editors see it: unquoted scalars are typed.
json to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return nullptr;
    case YamlNode::Kind::kText:
      if (node.plain && (node.text == "true" || node.text == "false")) return node.text == "true";
      if (node.plain && parse_json_number(node.text)) return json::parse(node.text);
      return node.text;
    case YamlNode::Kind::kList: {
      json list = json::array();
      for (const YamlNode* item : node.items) list.push_back(to_json(*item));
      return list;
    }
    case YamlNode::Kind::kMap:
      break;
  }
  json map = json::object();
  for (const auto& [key, value] : node.entries) map[key->text] = to_json(*value);
  return map;
}

// The part of JSON Schema that the schema is written in; what it does not know fails.
class Validator {
 public:
  explicit Validator(json root) : root_(std::move(root)) {}
  bool accepts(const json& value) const { return valid(value, root_); }

 private:
  static bool has_type(const json& value, const json& type) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(),
                         [&](const json& t) { return has_type(value, t); });
    }
    if (type == "integer") return value.is_number_integer();
    return type == value.type_name();
  }

  bool valid(const json& value, const json& schema) const {
    if (schema.is_boolean()) return schema.get<bool>();
    return std::all_of(schema.items().begin(), schema.items().end(), [&](const auto& rule) {
      return holds(value, schema, rule.key(), rule.value());
    });
  }

  bool holds(const json& value, const json& schema, const std::string& rule,
             const json& argument) const {
    if (rule == "$schema" || rule == "title" || rule == "$defs") return true;
    if (rule == "$ref") {
      return valid(value, root_.at(json::json_pointer(argument.get<std::string>().substr(1))));
    }
    if (rule == "type") return has_type(value, argument);
    if (rule == "enum") return std::find(argument.begin(), argument.end(), value) != argument.end();
    if (rule == "minimum") return !value.is_number() || value >= argument;
    if (rule == "exclusiveMinimum") return !value.is_number() || value > argument;
    if (rule == "minLength") {
      return !value.is_string() || value.get<std::string>().size() >= argument;
    }
    if (rule == "maxLength") {
      return !value.is_string() || value.get<std::string>().size() <= argument;
    }
    if (rule == "minProperties") return !value.is_object() || value.size() >= argument;
    if (rule == "maxProperties") return !value.is_object() || value.size() <= argument;
    if (rule == "minItems") return !value.is_array() || value.size() >= argument;
    if (rule == "anyOf") {
      return std::any_of(argument.begin(), argument.end(),
                         [&](const json& s) { return valid(value, s); });
    }
    if (rule == "items") {
      return !value.is_array() || std::all_of(value.begin(), value.end(), [&](const json& item) {
        return valid(item, argument);
      });
    }
    if (rule == "required") {
      return !value.is_object() ||
             std::all_of(argument.begin(), argument.end(),
                         [&](const json& key) { return value.contains(key.get<std::string>()); });
    }
    if (rule == "properties" || rule == "patternProperties") return true;  // see below
    if (rule == "additionalProperties")
      return !value.is_object() || members(value, schema, argument);
    ADD_FAILURE() << "the schema uses " << rule;
    return false;
  }

  bool members(const json& value, const json& schema, const json& others) const {
    const json none = json::object();
    const json& known = schema.contains("properties") ? schema["properties"] : none;
    for (const auto& [key, member] : value.items()) {
      if (known.contains(key)) {
        if (!valid(member, known[key])) return false;
      } else if (schema.contains("patternProperties") && key.starts_with("x-")) {
        continue;
      } else if (!valid(member, others)) {
        return false;
      }
    }
    return true;
  }

  const json root_;
};

class ScenarioSchema : public ::testing::Test {
 protected:
  bool accepts(const std::string& text) {
    const std::vector<ScenarioSource> files = {{"f.yaml", text}};
    ScenarioErrors errors(files);
    const YamlFile file = parse_yaml(0, text, errors);
    EXPECT_EQ(errors.size(), 0U) << text;
    return file.root != nullptr && validator_.accepts(to_json(*file.root));
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  const std::filesystem::path root_ = in_repository("");
  const Validator validator_{json::parse(scenario_schema())};
};

TEST_F(ScenarioSchema, AcceptsEveryScenarioOfTheRepository) {
  int files = 0;
  for (const char* folder : {"examples", "tests/conformance/scenarios", "tests/bench"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root_ / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      EXPECT_TRUE(accepts(read(entry.path()))) << entry.path();
      ++files;
    }
  }
  EXPECT_GE(files, 8);
}

TEST_F(ScenarioSchema, AcceptsTheScenariosOfTheDocumentation) {
  const std::string page = read(root_ / "docs/scenario.md");
  const std::string fence = "```yaml\n";
  int blocks = 0;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    EXPECT_TRUE(accepts(page.substr(at, page.find("```", at) - at))) << page.substr(at, 200);
    ++blocks;
  }
  EXPECT_GE(blocks, 2);
}

TEST_F(ScenarioSchema, AcceptsWhatTheParserAccepts) {
  const std::string tasks = "users:\n  U:\n    tasks:\n      t:\n";
  EXPECT_TRUE(
      accepts("x-place: [1]\n" + tasks + "      - get: /\n        check: {ok: status == 200}\n"));
  EXPECT_TRUE(
      accepts(tasks + "      - post: /\n        form: {a: [1, b], c: null}\n        body: 5\n"));
  EXPECT_TRUE(accepts(tasks + "      - request: {method: PURGE, url: /x}\n      - wait: 5\n"));
  EXPECT_TRUE(accepts("feeders: {a: {keep: 5}}\n" + tasks + "      - add: {a: {b: 1}}\n"));
  EXPECT_TRUE(accepts("shape: {stages: [{for: 30s, users: 5}, {until: 90, users: {U: 1}}]}\n" +
                      tasks + "      - get: /\n"));
  EXPECT_TRUE(accepts("shapes: {a: {users: 5, spawn_rate: t, until: 1h}, b: {csv: x.csv}}\n" +
                      tasks + "      - get: /\n"));
  EXPECT_TRUE(
      accepts("thresholds:\n  - p95 < 5s\n  - GET /: rps > 2\n"
              "  - {require: avg < 1s, after: 30s, abort: true}\n" +
              tasks + "      - get: /\n"));
}

TEST_F(ScenarioSchema, RejectsWhatASchemaCanSeeIsBroken) {
  const std::string tasks = "users:\n  U:\n    tasks:\n      t:\n";
  EXPECT_FALSE(accepts("[1]"));
  EXPECT_FALSE(accepts("user: {}\n"));
  EXPECT_FALSE(accepts("users: [a]\n"));
  EXPECT_FALSE(accepts("users: {U: {wieght: 2, tasks: {t: []}}}\n"));
  EXPECT_FALSE(accepts("users: {U: {weight: 0, tasks: {t: []}}}\n"));
  EXPECT_FALSE(accepts("users: {U: {weight: heavy, tasks: {t: []}}}\n"));
  EXPECT_FALSE(accepts("users: {U: {fixed_count: 1.5, tasks: {t: []}}}\n"));
  EXPECT_FALSE(accepts("users: {U: {}}\n"));
  EXPECT_FALSE(accepts("users: {U: {tasks: [t]}}\n"));
  EXPECT_FALSE(accepts("users: {U: {tasks: {t: {setps: []}}}}\n"));
  EXPECT_FALSE(accepts("users: {U: {on_start: {get: /}, tasks: {t: []}}}\n"));
  EXPECT_FALSE(accepts(tasks + "      - gett: /\n"));
  EXPECT_FALSE(accepts(tasks + "      - text\n"));
  EXPECT_FALSE(accepts(tasks + "      - {}\n"));
  EXPECT_FALSE(accepts(tasks + "      - get: [/]\n"));
  EXPECT_FALSE(accepts(tasks + "      - {get: /, chekc: x}\n"));
  EXPECT_FALSE(accepts(tasks + "      - {get: /, params: [a]}\n"));
  EXPECT_FALSE(accepts(tasks + "      - {get: /, params: {a: {b: 1}}}\n"));
  EXPECT_FALSE(accepts(tasks + "      - {get: /, save: [a]}\n"));
  EXPECT_FALSE(accepts(tasks + "      - request: {method: PURGE}\n"));
  EXPECT_FALSE(accepts(tasks + "      - add: {a: 5}\n"));
  EXPECT_FALSE(accepts("feeders: {a: {cvs: x}}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("feeders: {a: {csv: x, pick: uniqe}}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("shape: {}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("shape: {stages: []}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("shape: {stages: [{for: 5, user: 1}]}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("shapes: {a: {csv: [x]}}\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("thresholds: p95 < 5s\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(
      accepts("thresholds: [{GET /: avg < 5s, abort: true}]\n" + tasks + "      - get: /\n"));
  EXPECT_FALSE(accepts("feeders: {a: {keep: 0}}\n" + tasks + "      - get: /\n"));
}

}  // namespace
}  // namespace locust
