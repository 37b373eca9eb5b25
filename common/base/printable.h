// Escapes text from peers, servers and files for a terminal or a log, so that it can neither
// control the terminal nor forge lines. Control characters (C0, DEL, C1), overrides of the text
// direction and Unicode's line ends are written as "\x1b" or "\u202e".
#pragma once

#include <string>
#include <string_view>

namespace locust {

// One line of text: line ends are escaped too. Tabs stay.
std::string printable(std::string_view line);
void append_printable(std::string& out, std::string_view line);

// Text of several lines.
std::string printable_lines(std::string_view text);

// The start of a text for use in a message, also printable; "…" replaces the rest.
std::string quoted_part(std::string_view text);

}  // namespace locust
