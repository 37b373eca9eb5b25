// Encodes texts for URLs and forms, and decodes HTML.
#pragma once

#include <string>
#include <string_view>

namespace locust::worker {

// application/x-www-form-urlencoded as Python's quote_plus: a space is '+'.
void append_form_encoded(std::string_view text, std::string& out);
// Every byte except letters, digits and "-_.~" as %XX.
std::string percent_encode(std::string_view text);
// `url` with characters that are not allowed (spaces, non-ASCII, quotes …) as %XX; existing
// encodings are kept, as by requests' requote_uri.
std::string requote_url(std::string_view url);
// HTML character references: numeric ones and amp, lt, gt, quot, apos, nbsp.
std::string html_unescape(std::string_view text);
std::string base64(const std::string& text);

}  // namespace locust::worker
