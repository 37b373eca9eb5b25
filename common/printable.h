// Text of others for a terminal or a log.
#pragma once

#include <string>
#include <string_view>

namespace locust {

// Appends one line of text. Control characters are written as "\x1b": what a server sends must not
// steer the terminal that shows it.
void append_printable(std::string& out, std::string_view line);

// As much of a text as a message quotes, likewise printable; "…" stands for the rest.
std::string quoted_part(std::string_view text);

}  // namespace locust
