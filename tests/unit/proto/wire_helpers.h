// Short ways to make and take apart messages in tests of the codec.
#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/codec.h"

namespace locust::proto {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInf = std::numeric_limits<double>::infinity();

inline std::string frame(const std::string& type, const Value& data, const Value& node_id = "h_1") {
  return pack(Value::Array{type, data, node_id});
}

// The payload as a T; fails the test if it is refused or something else.
template <typename T>
T taken(const Result<Message>& message) {
  if (!message.ok()) throw std::runtime_error(message.error());
  return std::get<T>(message->payload);
}

template <typename T>
T from_worker(const std::string& type, const Value& data) {
  return taken<T>(decode_from_worker(frame(type, data)));
}

template <typename T>
T from_master(const std::string& type, const Value& data) {
  return taken<T>(decode_from_master(frame(type, data)));
}

inline std::string refusal(const Result<Message>& message) {
  return message.ok() ? "accepted" : message.error();
}
inline std::string worker_refusal(const std::string& type, const Value& data) {
  return refusal(decode_from_worker(frame(type, data)));
}
inline std::string master_refusal(const std::string& type, const Value& data) {
  return refusal(decode_from_master(frame(type, data)));
}

inline Value without(const Value& map, std::string_view key) {
  Value::Map rest;
  for (const auto& entry : *map.map()) {
    if (*entry.first.str() != key) rest.push_back(entry);
  }
  return rest;
}

inline Value with(const Value& map, std::string_view key, Value value) {
  Value result = without(map, key);
  result.get_if<Value::Map>()->emplace_back(key, std::move(value));
  return result;
}

}  // namespace locust::proto
