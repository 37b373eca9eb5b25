#include "common/options/config_users.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/base/file_begin.h"
#include "common/base/nearest_name.h"
#include "common/base/printable.h"

namespace locust {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

bool is_user_count(const json& value) {
  return value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
         value.get<std::int64_t>() <= std::numeric_limits<int>::max();
}

bool is_list_of_texts(const json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); });
}

Result<UserConfig> read_user_config(const json& object, const std::string& where) {
  const auto bad = [&where](const std::string& what) {
    return Error{"--config-users: " + where + ": " + what};
  };
  if (!object.is_object()) return bad("expected an object or a list of objects");
  const auto name = object.find("user_class_name");
  if (name == object.end() || !name->is_string()) {
    return bad("\"user_class_name\" is missing or not a text");
  }
  UserConfig config{.user_class_name = name->get<std::string>()};
  for (const auto& [key, value] : object.items()) {
    if (key == "user_class_name") continue;
    if (key == "weight") {
      if (!value.is_number() || value.get<double>() < 0) {
        return bad("\"weight\" must be a number, 0 or more");
      }
      config.weight = value.get<double>();
    } else if (key == "fixed_count") {
      if (!is_user_count(value)) return bad("\"fixed_count\" must be a whole number, 0 or more");
      config.fixed_count = value.get<int>();
    } else if (key == "host") {
      if (!value.is_string()) return bad("\"host\" must be a text");
      config.host = value.get<std::string>();
    } else if (key == "tasks") {
      if (!is_list_of_texts(value)) return bad("\"tasks\" must be a list of names");
      config.tasks = value.get<std::vector<std::string>>();
    } else {
      config.others.emplace(key, value.dump());
    }
  }
  return config;
}

}  // namespace

Result<std::vector<UserConfig>> parse_config_users(const std::vector<std::string>& arguments) {
  std::vector<UserConfig> configs;
  for (const std::string& argument : arguments) {
    std::string text = argument;
    std::error_code ignored;
    if (argument.ends_with(".json") || std::filesystem::is_regular_file(argument, ignored)) {
      auto file = read_begin_of_file(argument, kMaxFileBytes + 1);
      if (!file) return Error{"--config-users: " + file.error()};
      if (file->size() > kMaxFileBytes) {
        return Error{"--config-users: " + argument + ": is larger than 1 MiB"};
      }
      text = *std::move(file);
    }
    const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) {
      return Error{"--config-users: '" + argument + "' is neither JSON nor a file that holds JSON"};
    }
    const json list = document.is_array() ? document : json::array({document});
    for (const json& object : list) {
      auto config = read_user_config(object, argument);
      if (!config) return Error{config.error()};
      configs.push_back(*std::move(config));
    }
  }
  return configs;
}

std::optional<std::string> attribute_problem(const std::vector<UserConfig>& configs) {
  for (const UserConfig& config : configs) {
    if (config.others.empty()) continue;
    const std::string& name = config.others.begin()->first;
    return "--config-users: '" + quoted_part(config.user_class_name) + "': " + quoted_part(name) +
           " cannot be set; there are fixed_count, host, tasks and weight" +
           did_you_mean(name, {"fixed_count", "host", "tasks", "weight"});
  }
  return std::nullopt;
}

}  // namespace locust
