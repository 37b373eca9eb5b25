#include "master/web/user_settings.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace locust::master::web {
namespace {

// Creates wire values while the text is read. The parser's own objects that keep the order need
// time quadratic in the number of keys.
class SettingsReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  // Once all of a text has been read.
  proto::Value take_root() { return *std::move(root_); }
  bool was_too_deep() const { return was_too_deep_; }

  bool null() override { return add(proto::Value()); }
  bool boolean(bool truth) override { return add(truth); }
  bool number_integer(number_integer_t number) override { return add(number); }
  bool number_unsigned(number_unsigned_t number) override { return add(number); }
  bool number_float(number_float_t number, const string_t& /*text*/) override {
    return add(number);
  }
  bool string(string_t& text) override { return add(std::move(text)); }
  bool binary(binary_t& /*bytes*/) override { return false; }
  bool start_object(std::size_t /*unknown*/) override { return open(proto::Value::Map()); }
  bool key(string_t& text) override {
    open_.back().key = std::move(text);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*unknown*/) override { return open(proto::Value::Array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*place*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  static constexpr std::size_t kMaxDepth = 32;

  struct Open {
    proto::Value container;
    std::string key;  // of the element that comes next
  };

  bool open(proto::Value container) {
    was_too_deep_ = open_.size() == kMaxDepth;
    if (was_too_deep_) return false;
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool close() {
    proto::Value container = std::move(open_.back().container);
    open_.pop_back();
    return add(std::move(container));
  }
  bool add(proto::Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = open_.back().container.get_if<proto::Value::Array>()) {
      array->push_back(std::move(value));
    } else {
      open_.back().container.get_if<proto::Value::Map>()->emplace_back(std::move(open_.back().key),
                                                                       std::move(value));
    }
    return true;
  }

  std::optional<proto::Value> root_;
  std::vector<Open> open_;
  bool was_too_deep_ = false;
};

constexpr double kMaxAmount = 1e9;

bool is_list_of_texts(const proto::Value& value) {
  const proto::Value::Array* array = value.array();
  return array != nullptr &&
         std::all_of(array->begin(), array->end(),
                     [](const proto::Value& item) { return item.str() != nullptr; });
}

// The required type of an attribute that every class has; empty if the value has it.
std::string_view wrong_type(std::string_view name, const proto::Value& value) {
  const auto amount = value.to_double();
  const bool is_amount = amount && *amount >= 0 && *amount <= kMaxAmount;
  if (name == "weight") return is_amount ? "" : "not a number of 0 or more";
  if (name == "fixed_count") {
    return is_amount && *amount == std::floor(*amount) ? "" : "not a whole number of 0 or more";
  }
  if (name == "host") return value.str() != nullptr ? "" : "not a text";
  if (name == "tasks") return is_list_of_texts(value) ? "" : "not a list of names of tasks";
  return "";
}

}  // namespace

Result<proto::UpdateUserClass> parse_user_settings(std::string_view text) {
  SettingsReader reader;
  if (!nlohmann::json::sax_parse(text, &reader)) {
    return Error{reader.was_too_deep() ? "nested too deeply" : "not a JSON object"};
  }
  proto::Value root = reader.take_root();
  auto* settings = root.get_if<proto::Value::Map>();
  if (settings == nullptr) return Error{"not a JSON object"};
  proto::UpdateUserClass update;
  for (auto& [key, value] : *settings) {
    const std::string& name = *key.str();
    if (name == "user_class_name") {
      if (value.str() == nullptr) return Error{"user_class_name: not a text"};
      update.user_class_name = *value.str();
      continue;
    }
    if (const auto wrong = wrong_type(name, value); !wrong.empty()) {
      return Error{name + ": " + std::string(wrong)};
    }
    update.attributes.emplace_back(std::move(key), std::move(value));
  }
  if (update.user_class_name.empty()) return Error{"user_class_name is missing"};
  return update;
}

}  // namespace locust::master::web
