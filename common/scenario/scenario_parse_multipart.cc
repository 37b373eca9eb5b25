#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

using Part = MultipartBody::Part;

constexpr std::array kFileKeys = {
    KeyRow<Part>{"path", [](ScenarioReader& r, const YamlNode& v,
                            Part& part) { part.path = r.text(v, "'path'"); }},
    KeyRow<Part>{"type", [](ScenarioReader& r, const YamlNode& v,
                            Part& part) { part.type = r.text(v, "'type'"); }},
    KeyRow<Part>{"filename", [](ScenarioReader& r, const YamlNode& v,
                                Part& part) { part.filename = r.text(v, "'filename'"); }},
};

void read_part(ScenarioReader& reader, const YamlNode& key, const YamlNode& value,
               MultipartBody& body) {
  Part& part = body.parts.emplace_back();
  part.pos = value.pos;
  part.name = key.text;
  if (value.kind != YamlNode::Kind::kMap) {
    part.text = reader.text(value, in_quotes(key.text));
    return;
  }
  read_keys<Part>(reader, value, kFileKeys, "file " + in_quotes(key.text), part);
  if (find_entry(value, "path") == nullptr)
    reader.error(value, "file " + in_quotes(key.text) + " needs 'path'");
}

}  // namespace

std::vector<std::string_view> file_keys() { return readable_keys<Part>(kFileKeys); }

std::optional<MultipartBody> read_multipart(ScenarioReader& reader, const YamlNode& value) {
  if (!reader.is_map(value, "'multipart'")) return std::nullopt;
  MultipartBody body;
  for (const auto& [key, part] : value.entries) {
    if (part->kind != YamlNode::Kind::kList) {
      read_part(reader, *key, *part, body);
      continue;
    }
    for (const YamlNode* item : part->items) read_part(reader, *key, *item, body);
  }
  if (body.parts.empty()) reader.error(value, "'multipart' has no parts");
  return body;
}

}  // namespace locust
