#include "common/options/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/base/file_begin.h"
#include "common/base/text.h"

namespace locust {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

// The text before " # comment" or " ; comment".
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool begins = text[i] == '#' || text[i] == ';';
    if (begins && kBlanks.find(text[i - 1]) != std::string_view::npos) return text.substr(0, i);
  }
  return text;
}

// A quoted value ends at the quote that only a comment follows; other quotes belong to it.
std::string_view value_of(std::string_view text) {
  const char quote = text.empty() ? '\0' : text.front();
  if (quote == '"' || quote == '\'') {
    for (std::size_t end = text.find(quote, 1); end != std::string_view::npos;
         end = text.find(quote, end + 1)) {
      if (trimmed(without_comment(text.substr(end + 1))).empty()) return text.substr(1, end - 1);
    }
  }
  return trimmed(without_comment(text));
}

// The elements of "[a, b]" as stock reads it: JSON, or texts without quotes.
std::vector<std::string> elements_of(std::string_view list) {
  std::vector<std::string> values;
  const auto json = nlohmann::json::parse(list, nullptr, /*allow_exceptions=*/false);
  if (json.is_array()) {
    for (const auto& element : json) {
      values.push_back(element.is_string() ? element.get<std::string>() : element.dump());
    }
    return values;
  }
  std::string_view rest = list.substr(1, list.size() - 2);
  while (!trimmed(rest).empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    values.emplace_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return values;
}

std::string_view without_dashes(std::string_view key) {
  return key.starts_with("--") ? key.substr(2) : key;
}

// Returns nullopt if the line is invalid.
std::optional<ConfigSetting> parse_line(std::string_view line) {
  const std::size_t key_end = std::min(line.find_first_of(":=;# \t\r\f\v"), line.size());
  if (key_end == 0) return std::nullopt;
  ConfigSetting setting;
  setting.key = without_dashes(line.substr(0, key_end));
  const std::string_view spaced = line.substr(key_end);
  const std::string_view rest = trimmed(spaced);
  const char next = rest.empty() ? '\0' : rest.front();
  if (next == ':' || next == '=') {
    const std::string_view value = value_of(trimmed(rest.substr(1)));
    setting.is_list = value.starts_with('[') && value.ends_with(']');
    setting.values = setting.is_list ? elements_of(value) : std::vector{std::string(value)};
  } else if (next == '\0' || ((next == '#' || next == ';') && rest.size() < spaced.size())) {
    setting.values = {"true"};
  } else if (rest.size() == spaced.size()) {
    return std::nullopt;  // a comment sign that does not start a comment
  } else {
    const std::string_view value = value_of(rest);
    setting.is_list = value.starts_with('[') && value.ends_with(']');
    setting.values = setting.is_list ? elements_of(value) : std::vector{std::string(value)};
  }
  return setting;
}

Result<std::vector<ConfigSetting>> parse_lines(const std::string& text, const std::string& name) {
  std::vector<ConfigSetting> settings;
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string place = name + ":" + std::to_string(++number);
    const std::string_view stripped = trimmed(line);
    if (stripped.empty() || stripped.starts_with("---") ||
        std::string_view("#;[").find(stripped.front()) != std::string_view::npos) {
      continue;
    }
    auto setting = parse_line(stripped);
    if (!setting) return Error{place + ": not an option; write it as 'users = 5'"};
    setting->place = place;
    settings.push_back(*std::move(setting));
  }
  return settings;
}

std::optional<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (node.is_table() || node.is_array()) return std::nullopt;
  std::ostringstream text;
  node.visit([&text](const auto& value) {
    if constexpr (!toml::is_container<decltype(value)>) text << value;
  });
  return text.str();
}

Result<std::vector<ConfigSetting>> parse_toml(const std::string& text, const std::string& name) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& e) {
    return Error{name + ":" + std::to_string(e.source().begin.line) + ": " +
                 std::string(e.description())};
  }
  std::vector<ConfigSetting> settings;
  const toml::table* section = root["tool"]["locust"].as_table();
  if (section == nullptr) return settings;
  for (const auto& [key, node] : *section) {
    ConfigSetting setting;
    setting.key = without_dashes(key.str());
    setting.place = name + ":" + std::to_string(node.source().begin.line);
    const toml::array* array = node.as_array();
    setting.is_list = array != nullptr;
    std::vector<const toml::node*> values;
    if (array == nullptr) values.push_back(&node);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
      values.push_back(&(*array)[i]);
    for (const toml::node* value : values) {
      auto value_text = text_of(*value);
      if (!value_text) {
        return Error{setting.place + ": '" + setting.key +
                     "' must be a text, a number, true, false or a list of them"};
      }
      setting.values.push_back(*std::move(value_text));
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

Result<std::vector<ConfigSetting>> read_config_file(const std::string& path) {
  const auto text = read_begin_of_file(path, kMaxBytes + 1);
  if (!text) return Error{text.error()};
  if (text->size() > kMaxBytes) return Error{path + ": is larger than 1 MiB"};
  return parse_config(*text, path);
}

// Expands "~/x" like the shell.
std::string expanded(const std::string& path, const std::optional<std::string>& home) {
  return home && path.starts_with("~/") ? *home + path.substr(1) : path;
}

}  // namespace

Result<std::vector<ConfigSetting>> parse_config(const std::string& text, const std::string& name) {
  return name.ends_with(".toml") ? parse_toml(text, name) : parse_lines(text, name);
}

Result<std::vector<ConfigSetting>> read_configuration(const std::optional<std::string>& named,
                                                      const std::optional<std::string>& home) {
  std::vector<std::string> paths;
  if (named) paths.push_back(expanded(*named, home));
  for (const char* path : {"pyproject.toml", "locust.conf", "~/.locust.conf"}) {
    std::error_code ec;
    if (const auto full = expanded(path, home); std::filesystem::exists(full, ec))
      paths.push_back(full);
  }
  std::vector<ConfigSetting> all;
  for (const std::string& path : paths) {
    auto settings = read_config_file(path);
    if (!settings)
      return Error{settings.error() + (named && &path == &paths.front() ? " (--config)" : "")};
    all.insert(all.end(), std::make_move_iterator(settings->rbegin()),
               std::make_move_iterator(settings->rend()));
  }
  return all;
}

}  // namespace locust
