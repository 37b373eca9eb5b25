// Small text functions shared by several parsers.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace locust {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// `text` without blanks and line ends at both ends; a view into `text`.
std::string_view trimmed(std::string_view text);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Replaces each `from`, which is not empty, with `to`; replacements are not searched again.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// "00ff": two lower-case digits for each byte.
std::string hex(std::span<const unsigned char> bytes);

// "1 row", "2 rows".
std::string counted(std::size_t n, const std::string& what);

}  // namespace locust
