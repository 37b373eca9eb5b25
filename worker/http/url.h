// The parts of a URL that decide where a request goes.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace locust::worker {

// Where connections go. Two URLs of one origin share credentials (RFC 6454).
struct Origin {
  std::string scheme;    // lower case
  std::string host;      // lower case, punycode, without brackets
  std::string port;      // the scheme's default filled in
  bool numeric = false;  // host is an address; nothing to look up
  bool operator==(const Origin&) const = default;
};

// Everything up to the path, as text: URLs with an equal prefix have an equal origin.
std::string_view origin_prefix(std::string_view url);

// By libcurl's parser, any scheme. The error is the text that stock gives for such a URL.
Result<Origin> parse_origin(const std::string& url);

// The same of a proxy's URL, whose default ports are other ones.
Result<Origin> parse_proxy(const std::string& url);

// Percent-encodes what may not stand in a URL on the wire: blanks, control characters and bytes of
// 0x80 and more. Leaves the rest, so it may be applied twice.
std::string encode_illegal(std::string_view url);
// Whether `url` has bytes of 0x80 and more.
bool has_8bit(std::string_view url);

}  // namespace locust::worker
