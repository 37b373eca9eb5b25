// UTF-8 as Python validates and repairs it. Peers reject invalid text, so names are repaired before
// they are sent (docs/protocol.md §2, docs/conformance.md statement 3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace locust {

// True if Python's bytes.decode("utf-8") would accept `text`: no overlong forms, no surrogates
// (CESU-8 pairs included), nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// `text` with every ill-formed sequence replaced by U+FFFD, as Python's errors="replace" does
// (one replacement per maximal subpart). Valid text comes back unchanged.
std::string repair_utf8(std::string_view text);

// The longest valid prefix of valid `text` that fits into this many bytes.
std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace locust
