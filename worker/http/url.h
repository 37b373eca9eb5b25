// The parts of a URL that determine where a request goes.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace locust::worker {

// The endpoint of connections. URLs of one origin share credentials (RFC 6454).
struct Origin {
  std::string scheme;    // lower case
  std::string host;      // lower case, punycode, without brackets
  std::string port;      // the scheme's default filled in
  bool numeric = false;  // host is an address: nothing to resolve
  bool operator==(const Origin&) const = default;
};

// The URL up to its path: URLs with equal prefixes have equal origins.
std::string_view origin_prefix(std::string_view url);

// Parses by libcurl, for any scheme. The error is stock's text for such a URL.
Result<Origin> parse_origin(const std::string& url);

// The same for a proxy's URL, whose default ports differ.
Result<Origin> parse_proxy(const std::string& url);

// Percent-encodes the bytes that are not allowed in a URL on the wire: blanks, control characters
// and bytes of 0x80 and above. Idempotent.
std::string encode_illegal(std::string_view url);
// Whether `url` has bytes of 0x80 and above.
bool has_8bit(std::string_view url);

}  // namespace locust::worker
