// The fixed part of the masking rule: what looks like a credential in a text of any kind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace locust {

// What stands in the place of a secret.
inline constexpr std::string_view kMask = "***";

// What kind of text is masked.
enum class TextKind : std::uint8_t {
  kLine,      // of a log, a message, a URL: names with a colon are rarely headers
  kDocument,  // headers, a body: "Name: value" at the start of a line is one
  kForm,      // a body of application/x-www-form-urlencoded: values may hold blanks and quotes
};

// `text` with these masked; of a text that was cut off, `is_cut`, also what only begins like one:
//
// - values of names that carry credentials, in queries, forms, JSON (members at any depth, also in
//   JSON within a text of JSON), Python's dicts and arguments, XML and HTML elements, fields of
//   multipart/form-data, header lines, and pairs such as {"name": "password", "value": "…"};
// - the password of a URL's user;
// - "Bearer …" and "Basic …", and JSON Web Tokens, anywhere.
//
// true, false, null and empty values are shown, and numbers of names that count. No parser: it
// takes any bytes, needs no whole document, reads each byte a bounded number of times, and the
// result is at most twice as long.
std::string mask_credentials(std::string_view text, TextKind kind, bool is_cut = false);

}  // namespace locust
