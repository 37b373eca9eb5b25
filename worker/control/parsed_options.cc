#include "worker/control/parsed_options.h"

#include <type_traits>

#include "proto/texts.h"

namespace locust::worker {
namespace {

// Returns nullopt for values that cannot be arguments: maps and bytes, also in lists.
std::optional<ExprValue> plain_value(const proto::Value& value) {
  return value.visit([](const auto& v) -> std::optional<ExprValue> {
    using T = std::decay_t<decltype(v)>;
    if constexpr (std::is_same_v<T, proto::Value::Nil>) {
      return ExprValue();
    } else if constexpr (std::is_same_v<T, proto::Value::Array>) {
      ExprList list;
      for (const proto::Value& item : v) {
        auto element = plain_value(item);
        if (!element) return std::nullopt;
        list.push_back(*std::move(element));
      }
      return ExprValue(std::move(list));
    } else if constexpr (std::is_same_v<T, float>) {
      return ExprValue(static_cast<double>(v));
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return ExprValue(v);
    } else {
      return std::nullopt;
    }
  });
}

// Returns nullopt if there is no such key. Stock sends nil for "no filter".
std::optional<std::vector<std::string>> tag_list(const proto::Value::Map& map,
                                                 std::string_view key) {
  const proto::Value* value = proto::find(map, key);
  if (value == nullptr) return std::nullopt;
  return proto::texts_in(*value);
}

}  // namespace

RunOptions run_options(const proto::Value::Map& parsed_options) {
  RunOptions options;
  options.tags = tag_list(parsed_options, "tags");
  options.exclude_tags = tag_list(parsed_options, "exclude_tags");
  for (const auto& [key, value] : parsed_options) {
    const std::string* name = key.str();
    if (name == nullptr) continue;
    if (auto plain = plain_value(value)) options.arguments.emplace_back(*name, *std::move(plain));
  }
  return options;
}

}  // namespace locust::worker
