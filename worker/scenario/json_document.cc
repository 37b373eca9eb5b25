#include "worker/scenario/json_document.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "common/base/text.h"
#include "common/scenario/expression_value.h"
#include "worker/scenario/json_value.h"

namespace locust::worker {
namespace {

template <typename T>
bool fits(std::string_view number) {
  T value{};
  const char* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, value);
  return read.ec == std::errc() && read.ptr == end;
}

// Whether simdjson cannot represent the number.
bool is_long(std::string_view number) {
  if (!is_json_number(number)) return false;
  const bool whole = number.find_first_of(".eE") == std::string_view::npos;
  return whole ? !fits<std::int64_t>(number) && !fits<std::uint64_t>(number)
               : !fits<double>(number);
}

// The text with such numbers as marked strings.
std::string quote_long_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '"') {
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (text[i] == '-' || is_digit(text[i])) {
      end = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    }
    const std::string_view token = text.substr(i, end - i);
    i = end;
    if (!is_long(token)) {
      out += token;
      continue;
    }
    out += '"';
    append_json_escaped(kLongNumberMark, out);
    out += token;
    out += '"';
  }
  return out;
}

}  // namespace

std::optional<simdjson::dom::element> JsonDocument::parse(std::string_view text) {
  simdjson::dom::element root;
  simdjson::error_code error = read(text, root);
  if (error == simdjson::NUMBER_ERROR) {
    error = read(quote_long_numbers(text), root);
  }
  return error == simdjson::SUCCESS ? std::optional(root) : std::nullopt;
}

simdjson::error_code JsonDocument::read(std::string_view text, simdjson::dom::element& root) {
  // The depth is set together with the capacity; parse() itself would use 1024 levels.
  if (capacity_ < text.size() || capacity_ == 0) {
    capacity_ = std::max<std::size_t>(text.size(), 4096);
    if (const auto error = parser_.allocate(capacity_, kMaxDepth); error != simdjson::SUCCESS) {
      capacity_ = 0;
      return error;
    }
  }
  return parser_.parse(text.data(), text.size()).get(root);
}

}  // namespace locust::worker
