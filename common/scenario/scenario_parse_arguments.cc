#include <algorithm>
#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/options/option_specs.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

// Besides the names of options, the names that stock workers treat as options of Locust itself: a
// master's value for an argument of such a name would never reach them (docs/protocol.md §6).
constexpr auto kDestinations = std::to_array<std::string_view>({
    "num_users",
    "hatch_rate",
    "list_commands",
    "master_node_host",
    "csv_prefix",
    "stats_history_enabled",
    "html_file",
    "master_node_port",
    "skip_log",
    "step_load",
    "step_users",
    "step_clients",
    "step_time",
    "user_classes",
    "user_count",
    "config",
    "shape",
});

bool is_taken(const std::string& name) {
  std::string key = "--" + name;
  std::replace(key.begin(), key.end(), '_', '-');
  return find_option_spec(key) != nullptr ||
         std::find(kDestinations.begin(), kDestinations.end(), name) != kDestinations.end();
}

void read_default(ScenarioReader& reader, const YamlNode& value, ArgumentSpec& argument) {
  if (value.kind == YamlNode::Kind::kList || value.kind == YamlNode::Kind::kMap) {
    return reader.error(value, "'default' must be a text, a number, true or false");
  }
  argument.default_value = reader.value(value);
}

void read_help(ScenarioReader& reader, const YamlNode& value, ArgumentSpec& argument) {
  if (reader.is_text(value, "'help'")) argument.help = value.text;
}

void read_secret(ScenarioReader& reader, const YamlNode& value, ArgumentSpec& argument) {
  if (value.text == "true" || value.text == "false") {
    argument.secret = value.text == "true";
  } else {
    reader.error(value, "'secret' must be true or false");
  }
}

void read_choices(ScenarioReader& reader, const YamlNode& value, ArgumentSpec& argument) {
  if (!reader.is_list(value, "'choices'")) return;
  if (value.items.empty()) return reader.error(value, "'choices' must not be empty");
  for (const auto& item : value.items) {
    if (reader.is_text(*item, "a choice")) argument.choices.push_back(item->text);
  }
}

// Errors that depend on several of its keys.
void check_choices(ScenarioReader& reader, const YamlNode& node, const ArgumentSpec& argument) {
  if (argument.choices.empty()) return;
  if (argument.secret) reader.error(node, "'choices' would show what a 'secret' argument may be");
  if (!argument.default_value) return;
  const auto* value = std::get_if<ExprValue>(&argument.default_value->node);
  if (value == nullptr) return;  // of the environment, which workers look up
  if (const auto wrong = not_a_choice(argument, value->to_text())) {
    reader.error(node, "the default of " + *wrong);
  }
}

constexpr std::array kArgumentKeys = {
    KeyRow<ArgumentSpec>{"default", read_default},
    KeyRow<ArgumentSpec>{"help", read_help},
    KeyRow<ArgumentSpec>{"secret", read_secret},
    KeyRow<ArgumentSpec>{"choices", read_choices},
};

bool is_argument_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

std::vector<std::string_view> argument_keys() { return readable_keys<ArgumentSpec>(kArgumentKeys); }

void read_arguments(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  if (!reader.is_map(value, "'arguments'")) return;
  for (const auto& [key, node] : value.entries) {
    if (!reader.define("argument", *key)) continue;
    ArgumentSpec argument;
    argument.pos = key->pos;
    argument.name = key->text;
    bool is_name = false;
    if (!is_argument_name(key->text)) {
      reader.error(*key, in_quotes(key->text) +
                             " cannot be an argument: small letters, digits and '_' only");
    } else if (is_taken(key->text)) {
      reader.error(*key, in_quotes(key->text) +
                             " is an option of Locust's own; give the argument another name");
    } else {
      is_name = true;
    }
    if (node->kind == YamlNode::Kind::kMap) {
      read_keys<ArgumentSpec>(reader, *node, kArgumentKeys, "argument " + in_quotes(key->text),
                              argument);
      check_choices(reader, *node, argument);
    } else if (node->kind != YamlNode::Kind::kNull) {
      reader.error(*node, "argument " + in_quotes(key->text) +
                              " must be a mapping such as {default: " +
                              (node->text.empty() ? std::string("x") : node->text) + "}");
    }
    // The command line could not take a wrong name.
    if (is_name) scenario.arguments.push_back(std::move(argument));
  }
}

}  // namespace locust
