// Small questions about text that several parsers ask.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace locust {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// Without blanks and line ends at both ends; a part of `text`.
std::string_view trimmed(std::string_view text);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Puts `to` in the place of each `from`, which is not empty; what was put in is not searched again.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// "1 row", "2 rows".
std::string counted(std::size_t n, const std::string& what);

}  // namespace locust
