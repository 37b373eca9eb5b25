// Text of others for a terminal or a log: what peers, servers and files send must neither steer the
// terminal that shows it nor look like lines that it is not. Characters that do are written as
// "\x1b" or "\u202e": controls (C0, DEL, C1), overrides of the text's direction, and Unicode's line
// ends.
#pragma once

#include <string>
#include <string_view>

namespace locust {

// One line of text: its line ends are escaped, too. Tabs stay.
std::string printable(std::string_view line);
void append_printable(std::string& out, std::string_view line);

// Text of several lines.
std::string printable_lines(std::string_view text);

// As much of a text as a message quotes, likewise printable; "…" stands for the rest.
std::string quoted_part(std::string_view text);

}  // namespace locust
