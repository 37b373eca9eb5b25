// Converts simdjson's elements to values of the language. Included only by sources that parse JSON.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "common/scenario/expression_value.h"

namespace locust::worker {

// The prefix of a string that represents a number beyond 64 bits (JsonDocument).
inline constexpr std::string_view kLongNumberMark = "\x01long number ";

// Recursive: the parser's limit of depth bounds the stack it needs.
ExprValue to_value(const simdjson::dom::element& e);

// The value of an element whose type is known to be T.
template <typename T>
T get_json(const simdjson::dom::element& e) {
  T value{};
  return e.get(value) == simdjson::SUCCESS ? value : T{};
}

}  // namespace locust::worker
