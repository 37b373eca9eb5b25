#include "master/user_settings.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace locust::master {
namespace {

constexpr int kMaxDepth = 32;

// Nothing: it is nested too deeply.
std::optional<proto::Value> wire_value(const nlohmann::ordered_json& json, int depth) {
  using Type = nlohmann::ordered_json::value_t;
  if (depth == 0) return std::nullopt;
  switch (json.type()) {
    case Type::boolean:
      return proto::Value(json.get<bool>());
    case Type::number_integer:
      return proto::Value(json.get<std::int64_t>());
    case Type::number_unsigned:
      return proto::Value(json.get<std::uint64_t>());
    case Type::number_float:
      return proto::Value(json.get<double>());
    case Type::string:
      return proto::Value(json.get<std::string>());
    case Type::array: {
      proto::Value::Array array;
      for (const auto& element : json) {
        auto value = wire_value(element, depth - 1);
        if (!value) return std::nullopt;
        array.push_back(*std::move(value));
      }
      return proto::Value(std::move(array));
    }
    case Type::object: {
      proto::Value::Map map;
      for (const auto& [key, element] : json.items()) {
        auto value = wire_value(element, depth - 1);
        if (!value) return std::nullopt;
        map.emplace_back(key, *std::move(value));
      }
      return proto::Value(std::move(map));
    }
    default:
      return proto::Value();
  }
}

// A weight or a count.
bool is_amount(const nlohmann::ordered_json& json) {
  return json.is_number() && json.get<double>() >= 0 && json.get<double>() <= 1e9;
}

}  // namespace

Result<proto::UpdateUserClass> parse_user_settings(const std::string& text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Error{"not a JSON object"};
  proto::UpdateUserClass update;
  for (const auto& [key, element] : json.items()) {
    if (key == "user_class_name") {
      if (!element.is_string()) return Error{"user_class_name: not a text"};
      update.user_class_name = element.get<std::string>();
      continue;
    }
    if ((key == "weight" || key == "fixed_count") && !is_amount(element)) {
      return Error{key + ": not a number of 0 or more"};
    }
    auto value = wire_value(element, kMaxDepth);
    if (!value) return Error{key + ": nested too deeply"};
    update.attributes.emplace_back(key, *std::move(value));
  }
  if (update.user_class_name.empty()) return Error{"user_class_name is missing"};
  return update;
}

}  // namespace locust::master
