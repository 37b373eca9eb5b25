// Python's repr() of a str, which is part of the identity of every error on the wire.
#pragma once

#include <string>
#include <string_view>

namespace locust {

// repr() of the text as CPython 3.11 prints it (Unicode 14): single quotes, or double quotes if the
// text has ' and no "; \\, \t, \n, \r; \x, \u and \U escapes for what is not printable. The
// only possible difference from other Pythons is a code point that their Unicode version classifies
// differently. Bytes that are not UTF-8, which no Python str can contain, count as U+FFFD.
std::string python_repr(std::string_view utf8);

}  // namespace locust
