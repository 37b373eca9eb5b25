#include "common/scenario/expression_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "common/base/text.h"
#include "common/base/utf8.h"

namespace locust {
namespace {

void append_number(Number n, std::string& out) {
  if (n.is_float() && std::isnan(n.as_double())) {
    out += "NaN";
  } else if (n.is_float() && std::isinf(n.as_double())) {
    out += n.as_double() < 0 ? "-Infinity" : "Infinity";
  } else {
    out += n.repr();
  }
}

void append_duration(Duration d, std::string& out) {
  constexpr Duration::rep kSecond = 1'000'000'000;
  const auto count = static_cast<std::int64_t>(d.count());
  append_number(count % kSecond == 0 ? Number(count / kSecond) : Number(to_seconds(d)), out);
}

constexpr char kHex[] = "0123456789abcdef";

void append_unicode_escape(std::uint32_t unit, std::string& out) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 0xF];
}

// Reads the code point of valid UTF-8 at `i`, whose first byte is 0x80 or above, and advances `i`.
std::uint32_t next_code_point(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const std::uint32_t first = byte(i);
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) code = (code << 6) | (byte(i + k) & 0x3FU);
  i += length;
  return code;
}

// Accepts only JSON's syntax of numbers, unlike strtod: no hex, no inf.
std::optional<Number> number_of_text(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  if (text.front() == '+') text.remove_prefix(1);
  const std::size_t digit = !text.empty() && text.front() == '-' ? 1 : 0;
  if (digit >= text.size() || !(is_digit(text[digit]) || text[digit] == '.')) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::int64_t i = 0;
  if (const auto r = std::from_chars(text.data(), end, i); r.ec == std::errc() && r.ptr == end) {
    return Number(i);
  }
  double d = 0;
  if (const auto r = std::from_chars(text.data(), end, d); r.ec == std::errc() && r.ptr == end) {
    return Number(d);
  }
  return std::nullopt;
}

}  // namespace

bool ExprValue::truthy() const {
  if (is_null()) return false;
  if (const bool* b = as_bool()) return *b;
  if (const std::string* text = as_text()) return !text->empty();
  if (const ExprList* list = as_list()) return !list->empty();
  if (const ExprMap* map = as_map()) return !map->empty();
  return true;
}

void ExprValue::append_text(std::string& out) const {
  if (is_null()) return;
  if (const std::string* text = as_text()) {
    out += *text;
  } else {
    append_json(out);
  }
}

std::string ExprValue::to_text() const {
  std::string out;
  append_text(out);
  return out;
}

void ExprValue::append_json(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const bool* b = as_bool()) {
    out += *b ? "true" : "false";
  } else if (const Number* number = as_number()) {
    append_number(*number, out);
  } else if (const LongNumber* long_number = as_long_number()) {
    out += long_number->text;
  } else if (const Duration* duration = as_duration()) {
    append_duration(*duration, out);
  } else if (const std::string* text = as_text()) {
    append_json_quoted(*text, out);
  } else if (const ExprList* list = as_list()) {
    out += '[';
    for (std::size_t k = 0; k < list->size(); ++k) {
      if (k > 0) out += ", ";
      (*list)[k].append_json(out);
    }
    out += ']';
  } else if (const ExprMap* map = as_map()) {
    out += '{';
    for (std::size_t k = 0; k < map->size(); ++k) {
      if (k > 0) out += ", ";
      append_json_quoted((*map)[k].first, out);
      out += ": ";
      (*map)[k].second.append_json(out);
    }
    out += '}';
  }
}

std::string ExprValue::to_json() const {
  std::string out;
  append_json(out);
  return out;
}

std::optional<Number> to_number(const ExprValue& v) {
  if (const Number* n = v.as_number()) return *n;
  if (const std::string* text = v.as_text()) return number_of_text(*text);
  if (const LongNumber* number = v.as_long_number()) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return number_of_text(number->text)
        .value_or(number->text.starts_with('-') ? -kInfinity : kInfinity);
  }
  return std::nullopt;
}

bool is_json_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  if (!digits() || (text[first] == '0' && i > first + 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

std::optional<Number> parse_json_number(std::string_view text) {
  return is_json_number(text) ? number_of_text(text) : std::nullopt;
}

ExprValue json_number_value(std::string_view text) {
  if (!is_json_number(text)) return ExprValue();
  const auto number = number_of_text(text);
  const bool whole = text.find_first_of(".eE") == std::string_view::npos;
  if (!number || (whole && number->is_float())) return ExprValue(LongNumber{std::string(text)});
  return ExprValue(*number);
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double amount = 0;
    const auto r =
        std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
    if (!is_digit(text.front()) || r.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(r.ptr - text.data()));
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    const std::string_view unit = text.substr(0, letters);
    text.remove_prefix(letters);
    if (unit == "ms") {
      total += amount / 1000;
    } else if (unit == "s") {
      total += amount;
    } else if (unit == "m") {
      total += amount * 60;
    } else if (unit == "h") {
      total += amount * 3600;
    } else if (unit == "d") {
      total += amount * 86400;
    } else {
      return std::nullopt;
    }
  }
  return seconds(total);
}

void append_json_escaped(std::string_view text, std::string& out) {
  if (!is_valid_utf8(text)) {
    append_json_escaped(repair_utf8(text), out);
    return;
  }
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      std::uint32_t code = next_code_point(text, i);
      if (code > 0xFFFF) {
        code -= 0x10000;
        append_unicode_escape(0xD800 + (code >> 10), out);
        append_unicode_escape(0xDC00 + (code & 0x3FF), out);
      } else {
        append_unicode_escape(code, out);
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          append_unicode_escape(static_cast<unsigned char>(c), out);
        } else {
          out += c;
        }
    }
  }
}

void append_json_quoted(std::string_view text, std::string& out) {
  out += '"';
  append_json_escaped(text, out);
  out += '"';
}

}  // namespace locust
