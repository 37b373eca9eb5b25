// The fixed part of the masking rule: finds what looks like a credential in any kind of text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace locust {

// Replaces a secret.
inline constexpr std::string_view kMask = "***";

// The kind of text to be masked.
enum class TextKind : std::uint8_t {
  kLine,      // of a log, a message, a URL: names with a colon are rarely headers
  kDocument,  // headers, a body: "Name: value" at the start of a line is one
  kForm,      // a body of application/x-www-form-urlencoded: values may contain blanks and quotes
};

// Returns `text` with the following masked. If the text was truncated (`is_cut`), that includes
// what only starts like one of them:
//
// - values of names that look like credentials, in queries, forms, JSON (members at any depth, also
//   in JSON within a text of JSON), Python's dicts and arguments, XML and HTML elements, fields of
//   multipart/form-data, header lines, and pairs such as {"name": "password", "value": "…"};
// - the password in a URL;
// - "Bearer …" and "Basic …", and JSON Web Tokens, anywhere.
//
// true, false, null, empty values and counts (max_tokens) are shown. This is not a parser: it
// accepts any bytes, needs no complete document, reads each byte a bounded number of times, and
// returns at most twice the length.
std::string mask_credentials(std::string_view text, TextKind kind, bool is_cut = false);

}  // namespace locust
