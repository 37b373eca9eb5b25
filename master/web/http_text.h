// The texts of HTTP that the routes read and write themselves. Everything here is fed by strangers:
// what is wrong is read as far as it makes sense, as Flask does for stock, and never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/web/http.h"

namespace locust::master::web {

// A form has no more fields than this. One more is read, so that who reads sees it; the rest is left
// out, as of queries and cookies.
inline constexpr std::size_t kMaxFields = 1'000;

// "%41+b" to "A b"; with `plus_is_space` false the plus stays. What is no escape stays as it is;
// text that is not UTF-8 is repaired.
std::string percent_decode(std::string_view text, bool plus_is_space);

// "a=1&b=2", of a query or of an application/x-www-form-urlencoded body.
Fields parse_form(std::string_view text);

// The fields of a multipart/form-data body, without its files. `content_type` names the boundary;
// nothing of another type.
Fields parse_multipart(std::string_view content_type, std::string_view body);

// Whether a Content-Type header says so, whatever its parameters and the case of its letters.
bool is_media_type(std::string_view header, std::string_view type);

// "a=1; b=2", the value of a Cookie header.
Fields parse_cookies(std::string_view header);

// The first value of that name; null if there is none.
const std::string* find_field(const Fields& fields, std::string_view name);

// The rest of `path` below the base path ("/locust"), beginning with "/"; empty for the base path
// itself; nothing if it is not below. An empty base is above everything.
std::optional<std::string_view> below_base_path(std::string_view path, std::string_view base);

// Whether an Accept-Encoding header allows gzip.
bool accepts_gzip(std::string_view header);

// For text and quoted attributes of HTML.
std::string escape_html(std::string_view text);

// A Content-Disposition header that suggests this file name, whatever is in it; in quotes, which
// stock leaves out, where HTTP demands them.
std::string attachment(std::string_view file_name);

}  // namespace locust::master::web
