// Parses and writes the HTTP texts of the routes. All input is untrusted: invalid input is parsed
// as far as possible, as Flask does for stock, and never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/web/http.h"

namespace locust::master::web {

// The maximum number of fields of a form, query or cookie header. One more is read, so that the
// caller can detect it; the rest is dropped.
inline constexpr std::size_t kMaxFields = 1'000;

// What a plus sign stands for: in forms and queries for a space, in paths for itself.
enum class Plus { kIsSpace, kIsPlus };

// Decodes "%41+b" to "A b" or "A+b". Invalid escapes are kept; invalid UTF-8 is repaired.
std::string percent_decode(std::string_view text, Plus plus);

// "a=1&b=2", of a query or of an application/x-www-form-urlencoded body.
Fields parse_form(std::string_view text);

// The fields of a multipart/form-data body, without its files. `content_type` contains the
// boundary; empty for another type.
Fields parse_multipart(std::string_view content_type, std::string_view body);

// Whether a Content-Type header has this type, ignoring parameters and case.
bool is_media_type(std::string_view header, std::string_view type);

// "a=1; b=2", the value of a Cookie header.
Fields parse_cookies(std::string_view header);

// The first value with that name; null if there is none.
const std::string* find_field(const Fields& fields, std::string_view name);

// The rest of `path` below the base path ("/locust"), starting with "/"; empty for the base path
// itself; nullopt if it is not below. An empty base contains everything.
std::optional<std::string_view> below_base_path(std::string_view path, std::string_view base);

// Whether an Accept-Encoding header allows gzip.
bool accepts_gzip(std::string_view header);

// Escapes text and quoted attributes of HTML.
std::string escape_html(std::string_view text);

// A Content-Disposition header that suggests this file name, with any content; quoted, unlike in
// stock, where HTTP requires it.
std::string attachment(std::string_view file_name);

}  // namespace locust::master::web
