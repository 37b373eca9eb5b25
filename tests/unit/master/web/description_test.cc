// What is written elsewhere of the table of routes and of the schemas: the page's types, and the lists
// in docs/api.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "master/web/openapi.h"
#include "master/web/routes.h"
#include "tests/fakes/test_data.h"

namespace locust::master::web {
namespace {

using nlohmann::json;

// ---- The page's types ----

std::string comment(const json& schema, const std::string& indent) {
  return schema.contains("description")
             ? indent + "// " + schema["description"].get<std::string>() + "\n"
             : "";
}

std::string type_of(const json& schema, const std::string& indent);

std::string members(const json& schema, const std::string& indent) {
  const json required = schema.value("required", json::array());
  std::string text;
  for (const auto& [name, value] : schema["properties"].items()) {
    const bool is_there = std::find(required.begin(), required.end(), name) != required.end();
    text += comment(value, indent) + indent + name + (is_there ? ": " : "?: ") +
            type_of(value, indent) + ";\n";
  }
  if (!schema.contains("additionalProperties")) return text;
  const json& others = schema["additionalProperties"];
  return text + comment(others, indent) + indent + "[name: string]: " + type_of(others, indent) +
         ";\n";
}

std::string one_of(const json& values) {
  std::string text;
  for (const json& value : values) text += (text.empty() ? "" : " | ") + value.dump();
  return text;
}

std::string array_of(const json& schema, const std::string& indent) {
  const std::string item = type_of(schema["items"], indent);
  if (schema.value("maxItems", 0) == 2) return std::string("[") + item + ", " + item + "]";
  return (item.find(" | ") == std::string::npos ? item : "(" + item + ")") + "[]";
}

std::string type_without_null(const json& schema, const std::string& indent) {
  if (schema.contains("allOf")) return type_of(schema["allOf"].at(0), indent);
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"];
    return name.substr(name.rfind('/') + 1);
  }
  if (schema.contains("enum")) return one_of(schema["enum"]);
  const std::string type = schema["type"];
  if (type == "array") return array_of(schema, indent);
  if (type == "integer") return "number";
  if (type != "object") return type;
  if (schema.contains("properties")) return "{\n" + members(schema, indent + "  ") + indent + "}";
  return "Record<string, " + type_of(schema["additionalProperties"], indent) + ">";
}

std::string type_of(const json& schema, const std::string& indent) {
  return type_without_null(schema, indent) + (schema.value("nullable", false) ? " | null" : "");
}

std::string page_types() {
  const json description = json::parse(openapi_json(Routes::operations(), "session"));
  std::string text =
      "// What /api/v1 answers. Written by the test PageTypes from the schemas of the OpenAPI\n"
      "// description (master/web/openapi_schemas.cc): change those, then run it with\n"
      "// LOCUST_WRITE_PAGE_TYPES=1.\n";
  for (const auto& [name, schema] : description["components"]["schemas"].items()) {
    text += "\nexport interface " + name + " " + type_of(schema, "") + "\n";
  }
  return text;
}

TEST(PageTypes, AreThoseOfTheSchemas) {
  const std::string path = in_repository("master/web/ui/src/answers.ts");
  if (std::getenv("LOCUST_WRITE_PAGE_TYPES") != nullptr) std::ofstream(path) << page_types();
  std::ostringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_EQ(written.str(), page_types()) << "LOCUST_WRITE_PAGE_TYPES=1 writes " << path;
}

// ---- docs/api.md ----

using Requests = std::set<std::pair<std::string, std::string>>;  // method and path

// Those of a row "| `POST /stop`, or `GET` … | …": a method is that of the paths after it, and one
// without a path is another of the path before it.
void add_requests(const std::string& cell, Requests& requests) {
  static const std::regex code("`(GET|POST)? ?(/[^`?]*)?[^`]*`");
  std::string method;
  std::string path;
  for (std::sregex_iterator at(cell.begin(), cell.end(), code), end; at != end; ++at) {
    if ((*at)[1].matched) method = (*at)[1];
    if ((*at)[2].matched) path = (*at)[2];
    requests.emplace(method, path);
  }
}

TEST(ApiDocument, ListsEveryRoute) {
  Requests listed;
  std::ifstream document(in_repository("docs/api.md"));
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("| `GET ") || line.starts_with("| `POST ")) {
      add_requests(line.substr(0, line.find('|', 1)), listed);
    }
  }
  Requests known;
  for (const Operation& operation : Routes::operations()) {
    known.emplace(operation.method == Method::kPost ? "POST" : "GET", operation.path);
  }
  EXPECT_EQ(listed, known);
}

}  // namespace
}  // namespace locust::master::web
