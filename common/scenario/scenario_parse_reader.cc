#include "common/scenario/scenario_parse_reader.h"

#include <cmath>

#include "common/base/nearest_name.h"
#include "common/base/text.h"
#include "common/scenario/text_template.h"

namespace locust {
namespace {

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// A description of the node's kind, for errors.
std::string_view describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kText:
      return "a text";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
  }
  return "";
}

std::string expected(std::string_view what, std::string_view form, const YamlNode& node) {
  return std::string(what) + " must be " + std::string(form) + ", not " +
         std::string(describe(node));
}

}  // namespace

bool ScenarioReader::is_map(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kMap) return true;
  error(node, expected(what, "a mapping", node));
  return false;
}

bool ScenarioReader::is_list(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kList) return true;
  error(node, expected(what, "a list", node));
  return false;
}

bool ScenarioReader::is_text(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kText) return true;
  error(node, expected(what, "a text", node));
  return false;
}

std::optional<double> ScenarioReader::positive_number(const YamlNode& node, std::string_view what) {
  const auto number =
      node.kind == YamlNode::Kind::kText ? parse_json_number(node.text) : std::nullopt;
  if (number && number->as_double() > 0 && std::isfinite(number->as_double())) {
    return number->as_double();
  }
  error(node, std::string(what) + " must be a number above 0");
  return std::nullopt;
}

std::optional<int> ScenarioReader::count(const YamlNode& node, std::string_view what) {
  const auto number =
      node.kind == YamlNode::Kind::kText ? parse_json_number(node.text) : std::nullopt;
  if (number && !number->is_float() && *number >= 0 && *number <= 1'000'000'000) {
    return static_cast<int>(number->to_int());
  }
  error(node, std::string(what) + " must be a whole number, 0 or more");
  return std::nullopt;
}

std::optional<bool> ScenarioReader::boolean(const YamlNode& node, std::string_view what) {
  if (node.plain && (node.text == "true" || node.text == "false")) return node.text == "true";
  error(node, std::string(what) + " must be true or false");
  return std::nullopt;
}

std::optional<Duration> ScenarioReader::time_span(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kText) {
    auto time = parse_duration(node.text);
    if (const auto number = parse_json_number(node.text)) time = seconds(number->as_double());
    if (time && *time > Duration::zero() && *time <= kMaxTime) return time;
  }
  error(node, std::string(what) + " must be a time above 0, such as 30 or 2m");
  return std::nullopt;
}

SourcePos ScenarioReader::place(const YamlNode& node, std::size_t offset) {
  SourcePos pos = node.pos;
  if (node.verbatim) pos.column = node.text_column + static_cast<int>(offset);
  return pos;
}

void ScenarioReader::report(const YamlNode& node, const ExprError& error) {
  std::string message = error.message;
  if (node.before_comment) {
    message += "; the text is cut off by ' #': quote it";
  } else if (node.plain && node.in_flow) {
    message += "; quote texts with a comma or a bracket inside { } and [ ]";
  }
  errors_.add(place(node, error.offset), std::move(message));
}

bool ScenarioReader::is_cut(const YamlNode& node) {
  if (!node.cut_by_comment) return false;
  error(node, "this text is cut off by ' #'; quote it, or put a space after the # of a comment");
  return true;
}

void ScenarioReader::note_reads(const YamlNode& node, const Expr& expr) {
  walk_expression(expr, [&](const Expr& e) {
    if (const auto* variable = std::get_if<ExprVariable>(&e.node)) {
      variable_reads_.push_back({place(node, e.offset), variable->slot});
    } else if (const auto* argument = std::get_if<ExprArgument>(&e.node)) {
      argument_reads_.push_back({place(node, e.offset), argument->name});
    } else if (auto member = variable_member(e)) {
      member_reads_.push_back({place(node, member->variable->offset), member->slot, member->name});
    } else if (const auto* call = std::get_if<ExprCall>(&e.node)) {
      if (call->function == ExprFunction::kFile || call->function == ExprFunction::kTemplate) {
        scenario_.file_calls.push_back({place(node, e.offset), call,
                                        call->function == ExprFunction::kTemplate,
                                        *literal_text(*call->arguments.front())});
      }
    }
  });
}

bool ScenarioReader::is_whole_text(const YamlNode& node, std::string_view what) {
  return is_text(node, what) && !is_cut(node);
}

std::optional<TextTemplate> ScenarioReader::text(const YamlNode& node, std::string_view what) {
  if (!is_whole_text(node, what)) return std::nullopt;
  ParsedText parsed = parse_text(node.text, variables_);
  if (parsed.error) {
    report(node, *parsed.error);
    return std::nullopt;
  }
  for (const TextTemplate::Part& part : parsed.text.parts) {
    if (part.expr) note_reads(node, *part.expr);
  }
  parsed.text.pos = node.pos;
  return std::move(parsed.text);
}

std::optional<SourceExpr> ScenarioReader::expression(const YamlNode& node, std::string_view what) {
  if (!is_whole_text(node, what)) return std::nullopt;
  ParsedExpr parsed = parse_expression(node.text, variables_);
  if (!parsed.expr) {
    report(node, parsed.error);
    return std::nullopt;
  }
  note_reads(node, *parsed.expr);
  return SourceExpr{node.pos, std::string(trimmed(node.text)), std::move(parsed.expr)};
}

std::optional<ValueTemplate> ScenarioReader::scalar(const YamlNode& node) {
  if (node.plain) {
    if (node.text == "true" || node.text == "false") {
      return ValueTemplate{node.pos, ExprValue(node.text == "true")};
    }
    if (const auto number = parse_json_number(node.text)) {
      if (number->is_float() && node.text.find_first_of(".eE") == std::string::npos) {
        error(node, "this number does not fit into 64 bits; quote it");
        return std::nullopt;
      }
      return ValueTemplate{node.pos, ExprValue(*number)};
    }
  }
  auto parsed = text(node, "a value");
  if (!parsed) return std::nullopt;
  if (const std::string* constant = parsed->constant()) {
    return ValueTemplate{node.pos, ExprValue(*constant)};
  }
  return ValueTemplate{node.pos, std::move(*parsed)};
}

std::optional<ValueTemplate> ScenarioReader::value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return ValueTemplate{node.pos, ExprValue()};
    case YamlNode::Kind::kText:
      return scalar(node);
    case YamlNode::Kind::kList: {
      ValueTemplate::List list;
      for (const YamlNode* item : node.items) {
        if (auto element = value(*item)) list.push_back(std::move(*element));
      }
      return ValueTemplate{node.pos, std::move(list)};
    }
    case YamlNode::Kind::kMap:
      break;
  }
  ValueTemplate::Map map;
  for (const auto& [key, entry] : node.entries) {
    if (key->text.find("${") != std::string::npos) error(*key, "a key cannot contain ${…}");
    if (auto element = value(*entry)) map.emplace_back(key->text, std::move(*element));
  }
  return ValueTemplate{node.pos, std::move(map)};
}

std::vector<NamedValue> ScenarioReader::named_values(const YamlNode& node, std::string_view what) {
  std::vector<NamedValue> fields;
  if (!is_map(node, what)) return fields;
  for (const auto& [key, entry] : node.entries) {
    const bool nested =
        entry->kind == YamlNode::Kind::kMap ||
        std::any_of(entry->items.begin(), entry->items.end(), [](const YamlNode* item) {
          return item->kind == YamlNode::Kind::kMap || item->kind == YamlNode::Kind::kList;
        });
    if (nested) {
      error(*entry, in_quotes(key->text) + " must be a text or a list of texts");
    } else if (auto field = value(*entry)) {
      fields.push_back({key->text, std::move(*field)});
    }
  }
  return fields;
}

std::vector<HeaderSpec> ScenarioReader::headers(const YamlNode& node, std::string_view what) {
  std::vector<HeaderSpec> headers;
  if (!is_map(node, what)) return headers;
  for (const auto& [key, entry] : node.entries) {
    HeaderSpec header{key->pos, key->text, std::nullopt};
    if (entry->kind != YamlNode::Kind::kNull) {
      header.value = text(*entry, "header " + in_quotes(key->text));
      if (!header.value) continue;
    }
    headers.push_back(std::move(header));
  }
  return headers;
}

bool ScenarioReader::define(std::string_view kind, const YamlNode& name) {
  const std::string what = std::string(kind) + " " + in_quotes(name.text);
  const auto [first, is_new] = definitions_.emplace(what, name.pos);
  if (is_new) return true;
  // Within one file the key is reported as a duplicate.
  if (first->second.file != name.pos.file) {
    error(name, what + " is defined twice, first in " + to_string(scenario_, first->second));
  }
  return false;
}

int ScenarioReader::assigned_variable(const YamlNode& name) {
  const int slot = variable(name);
  assignments_.push_back({name.pos, slot});
  return slot;
}

int ScenarioReader::feeder_variable(const YamlNode& name) { return variable(name); }

int ScenarioReader::variable(const YamlNode& name) {
  if (is_reserved_name(name.text)) {
    error(name, in_quotes(name.text) + " is reserved; give the variable another name");
  } else if (!is_variable_name(name.text)) {
    error(name, in_quotes(name.text) + " cannot be a variable: letters, digits and '_' only");
  }
  const int slot = variables_.slot(name.text);
  const auto index = static_cast<std::size_t>(slot);
  if (assigned_.size() <= index) assigned_.resize(index + 1);
  assigned_[index] = true;
  return slot;
}

bool ScenarioReader::is_assigned(int slot) const {
  const auto index = static_cast<std::size_t>(slot);
  return index < assigned_.size() && assigned_[index];
}

const YamlNode::Entry* find_entry(const YamlNode& map, std::string_view key) {
  for (const YamlNode::Entry& entry : map.entries) {
    if (entry.first->text == key) return &entry;
  }
  return nullptr;
}

std::string unknown_key(std::string_view key, std::string_view where,
                        const std::vector<std::string_view>& known) {
  return "unknown key " + in_quotes(key) + " in " + std::string(where) + did_you_mean(key, known);
}

std::string not_supported(std::string_view key) { return in_quotes(key) + " is not supported yet"; }

}  // namespace locust
