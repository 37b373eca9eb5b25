#include "worker/scenario/json_body.h"

#include <charconv>
#include <optional>

#include "worker/scenario/json_document.h"
#include "worker/scenario/json_value.h"

namespace locust::worker {
namespace {

using simdjson::dom::element;

// "~1" is '/', "~0" is '~'.
std::string unescape_token(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

std::optional<element> child(const element& parent, std::string_view token) {
  element found;
  if (parent.is_object()) {
    const auto result = token.find('~') == std::string_view::npos
                            ? parent.at_key(token)
                            : parent.at_key(unescape_token(token));
    if (result.get(found) == simdjson::SUCCESS) return found;
  } else if (parent.is_array()) {
    std::size_t index = 0;
    const char* const end = token.data() + token.size();
    const auto parsed = std::from_chars(token.data(), end, index);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    if (parent.at(index).get(found) == simdjson::SUCCESS) return found;
  }
  return std::nullopt;
}

// Follows `pointer` from `root` to its end or to its first `*`, with which `pointer` then starts.
std::optional<element> descend(const element& root, std::string_view& pointer) {
  element at = root;
  while (!pointer.empty()) {
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string_view token = pointer.substr(1, end - 1);
    if (token == "*") return at;
    const auto next = child(at, token);
    if (!next) return std::nullopt;
    at = *next;
    pointer.remove_prefix(end);
  }
  return at;
}

// Adds every value at `pointer` below `root` to `found`.
void collect(const element& root, std::string_view pointer, ExprList& found) {
  const auto at = descend(root, pointer);
  if (!at) return;
  if (pointer.empty()) {
    found.push_back(to_value(*at));
    return;
  }
  pointer.remove_prefix(2);
  if (at->is_array()) {
    for (const element e : get_json<simdjson::dom::array>(*at)) collect(e, pointer, found);
  } else if (at->is_object()) {
    for (const auto field : get_json<simdjson::dom::object>(*at)) {
      collect(field.value, pointer, found);
    }
  }
}

bool has_star(std::string_view pointer) {
  return pointer.ends_with("/*") || pointer.find("/*/") != std::string_view::npos;
}

}  // namespace

bool is_json_pointer(std::string_view pointer) { return pointer.empty() || pointer.front() == '/'; }

struct JsonBodies::Parser {
  JsonDocument document;
  std::uint64_t serial = 0;
  std::optional<element> root;  // of the body `serial`
};

JsonBodies::JsonBodies() : parser_(std::make_unique<Parser>()) {}
JsonBodies::~JsonBodies() = default;

ExprValue JsonBodies::at(std::uint64_t serial, const std::string& body, std::string_view pointer) {
  Parser& p = *parser_;
  if (p.serial != serial) {
    p.serial = serial;
    p.root = p.document.parse(body);
  }
  if (!p.root || !is_json_pointer(pointer)) return ExprValue();
  if (has_star(pointer)) {
    ExprList found;
    collect(*p.root, pointer, found);
    return ExprValue(std::move(found));
  }
  const auto found = descend(*p.root, pointer);
  return found ? to_value(*found) : ExprValue();
}

}  // namespace locust::worker
