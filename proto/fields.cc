#include "proto/fields.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <span>
#include <unordered_map>

namespace locust::proto {

std::optional<double> finite(const Value& value) {
  const std::optional<double> d = value.to_double();
  return d && std::isfinite(*d) ? d : std::nullopt;
}

std::optional<std::int64_t> count(const Value& value) {
  const std::optional<std::int64_t> i = value.to_int();
  return i && *i >= -kMaxCount && *i <= kMaxCount ? i : std::nullopt;
}

std::optional<Number> finite_number(const Value& value) {
  if (const auto* i = value.get_if<std::int64_t>()) return Number(*i);
  const std::optional<double> d = finite(value);
  return d ? std::optional(Number(*d)) : std::nullopt;
}

Error not_a(std::string_view key, const Value& value, std::string_view wanted) {
  std::string text(key);
  text += " is ";
  text += value.kind_name();
  text += ", not ";
  text += wanted;
  return Error{text};
}

Error bad_number(std::string_view key, const Value& value, std::string_view wanted) {
  if (value.to_double()) return Error{std::string(key) + " is out of range"};
  return not_a(key, value, wanted);
}

Result<std::vector<std::pair<std::string, Value*>>> named_values(Value::Map& map,
                                                                 std::string_view what) {
  std::vector<std::pair<std::string, Value*>> values;
  values.reserve(map.size());
  std::unordered_map<std::string_view, std::size_t> places;  // views into the map's keys
  for (auto& [key, value] : map) {
    const std::string* name = key.str();
    if (name == nullptr) return not_a("a key of " + std::string(what), key, "a str");
    const auto [it, is_new] = places.try_emplace(*name, values.size());
    if (is_new) {
      values.emplace_back(*name, &value);
    } else {
      values[it->second].second = &value;
    }
  }
  return values;
}

Result<UserCounts> user_classes_count(Value::Map& map) {
  auto values = named_values(map, "user_classes_count");
  if (!values) return Error{values.error()};
  UserCounts counts;
  counts.reserve(values->size());
  for (auto& [name, value] : *values) {
    const auto n = count(*value);
    if (!n) return bad_number("a value of user_classes_count", *value, "a number of users");
    counts.emplace_back(std::move(name), *n);
  }
  return counts;
}

void FieldReader::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Value* FieldReader::optional_value(std::string_view key) {
  assert(asked_count_ < kMaxFields);
  asked_[asked_count_++] = key;
  return const_cast<Value*>(find(map_, key));
}

Value* FieldReader::required(std::string_view key) {
  Value* value = optional_value(key);
  if (value == nullptr) fail(Error{std::string(key) + " is missing"});
  return value;
}

template <typename T>
std::optional<T> FieldReader::take(std::string_view key, Value* value, std::string_view wanted) {
  if (value == nullptr || value->is_nil()) return std::nullopt;
  if (T* content = value->get_if<T>()) return std::move(*content);
  fail(not_a(key, *value, wanted));
  return std::nullopt;
}

std::string FieldReader::str(std::string_view key) {
  Value* value = required(key);
  if (value != nullptr && value->is_nil()) fail(not_a(key, *value, "a str"));
  return take<std::string>(key, value, "a str").value_or("");
}

std::string FieldReader::str_or_bin(std::string_view key) {
  Value* value = required(key);
  if (value == nullptr) return {};
  if (auto* text = value->get_if<std::string>()) return std::move(*text);
  if (auto* bin = value->get_if<Value::Bin>()) return std::move(bin->bytes);
  fail(not_a(key, *value, "a str or bin"));
  return {};
}

std::optional<std::string> FieldReader::str_or_nil(std::string_view key) {
  return take<std::string>(key, required(key), "a str or nil");
}

double FieldReader::number(std::string_view key) {
  Value* value = required(key);
  if (value == nullptr) return 0;
  const auto d = finite(*value);
  if (!d) fail(bad_number(key, *value, "a number"));
  return d.value_or(0);
}

std::optional<double> FieldReader::number_or_nil(std::string_view key) {
  Value* value = required(key);
  if (value == nullptr || value->is_nil()) return std::nullopt;
  const auto d = finite(*value);
  if (!d) fail(bad_number(key, *value, "a number or nil"));
  return d;
}

std::int64_t FieldReader::integer(std::string_view key) {
  Value* value = required(key);
  if (value == nullptr) return 0;
  const auto i = count(*value);
  if (!i) fail(bad_number(key, *value, "a whole number"));
  return i.value_or(0);
}

Value::Map FieldReader::map(std::string_view key) {
  Value* value = required(key);
  if (value != nullptr && value->is_nil()) fail(not_a(key, *value, "a map"));
  return take<Value::Map>(key, value, "a map").value_or(Value::Map());
}

Value::Array FieldReader::array(std::string_view key) {
  Value* value = required(key);
  if (value != nullptr && value->is_nil()) fail(not_a(key, *value, "an array"));
  return take<Value::Array>(key, value, "an array").value_or(Value::Array());
}

UserCounts FieldReader::user_classes_count(std::string_view key) {
  Value::Map entries = map(key);
  auto counts = proto::user_classes_count(entries);
  if (!counts) {
    fail(Error{counts.error()});
    return {};
  }
  return std::move(*counts);
}

std::optional<std::string> FieldReader::optional_str(std::string_view key) {
  return take<std::string>(key, optional_value(key), "a str");
}

std::optional<double> FieldReader::optional_number(std::string_view key) {
  const Value* value = optional_value(key);
  if (value == nullptr || value->is_nil()) return std::nullopt;
  const auto d = finite(*value);
  if (!d) fail(bad_number(key, *value, "a number"));
  return d;
}

std::optional<Number> FieldReader::optional_exact_number(std::string_view key) {
  const Value* value = optional_value(key);
  if (value == nullptr || value->is_nil()) return std::nullopt;
  const auto n = finite_number(*value);
  if (!n) fail(bad_number(key, *value, "a number"));
  return n;
}

std::optional<std::int64_t> FieldReader::optional_integer(std::string_view key) {
  const Value* value = optional_value(key);
  if (value == nullptr || value->is_nil()) return std::nullopt;
  const auto i = count(*value);
  if (!i) fail(bad_number(key, *value, "a whole number"));
  return i;
}

std::optional<Value::Map> FieldReader::optional_map(std::string_view key) {
  return take<Value::Map>(key, optional_value(key), "a map");
}

std::optional<Value::Array> FieldReader::optional_array(std::string_view key) {
  return take<Value::Array>(key, optional_value(key), "an array");
}

Value::Map FieldReader::rest() {
  const std::span<const std::string_view> asked(asked_.data(), asked_count_);
  Value::Map rest;
  for (auto& [key, value] : map_) {
    const std::string* name = key.str();
    const bool known = name != nullptr && std::ranges::find(asked, *name) != asked.end();
    if (!known) rest.emplace_back(std::move(key), std::move(value));
  }
  return rest;
}

}  // namespace locust::proto
