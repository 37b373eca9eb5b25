// For the sources that write JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/base/number.h"

namespace locust::master::web {

using Json = nlohmann::json;  // its keys are sorted, as Flask's

inline Json json(const Number& number) {
  return number.is_float() ? Json(number.as_double()) : Json(number.to_int());
}

template <typename T>
Json json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

// Invalid UTF-8 is repaired; NaN and infinities are null.
inline std::string text_of(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace locust::master::web
