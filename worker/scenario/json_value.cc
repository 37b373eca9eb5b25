#include "worker/scenario/json_value.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace locust::worker {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

ExprValue list_value(const simdjson::dom::array& array) {
  ExprList list;
  for (const element e : array) list.push_back(to_value(e));
  return ExprValue(std::move(list));
}

ExprValue map_value(const simdjson::dom::object& object) {
  ExprMap map;
  for (const auto field : object) map.emplace_back(std::string(field.key), to_value(field.value));
  return ExprValue(std::move(map));
}

ExprValue text_value(std::string_view text) {
  if (text.starts_with(kLongNumberMark)) {
    const std::string_view number = text.substr(kLongNumberMark.size());
    if (is_json_number(number)) return ExprValue(LongNumber{std::string(number)});
  }
  return ExprValue(text);
}

ExprValue unsigned_value(std::uint64_t number) {
  if (number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return ExprValue(number);
  return ExprValue(LongNumber{std::to_string(number)});
}

}  // namespace

ExprValue to_value(const element& e) {
  switch (e.type()) {
    case element_type::ARRAY:
      return list_value(get_json<simdjson::dom::array>(e));
    case element_type::OBJECT:
      return map_value(get_json<simdjson::dom::object>(e));
    case element_type::INT64:
      return ExprValue(get_json<std::int64_t>(e));
    case element_type::UINT64:
      return unsigned_value(get_json<std::uint64_t>(e));
    case element_type::DOUBLE:
      return ExprValue(get_json<double>(e));
    case element_type::STRING:
      return text_value(get_json<std::string_view>(e));
    case element_type::BOOL:
      return ExprValue(get_json<bool>(e));
    case element_type::NULL_VALUE:
      break;
  }
  return ExprValue();
}

}  // namespace locust::worker
