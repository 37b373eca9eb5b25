// Cookies as libcurl's jar holds them: lines of seven fields, separated by tabs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/http/curl_handle.h"
#include "worker/http/exchange.h"
#include "worker/http/failure.h"

namespace locust::worker {

// Whether a text may not be sent: it has separators or control characters.
std::optional<Failure> invalid_cookie(const HttpCookie& cookie);

// "a=1; b=2", for those that have a value.
std::string cookie_line(const std::vector<HttpCookie>& cookies);

// As HttpClient::cookies, keep_cookie and clear_cookies.
std::vector<KeptCookie> jar_cookies(CURL* easy);
bool keep_jar_cookie(CURL* easy, const KeptCookie& cookie);
void clear_jar(CURL* easy);

// As HttpClient::set_cookie; ignores an invalid one.
void set_jar_cookie(CURL* easy, const std::string& host, bool secure, const HttpCookie& cookie);

// Removes the cookies with these names from the jar and returns their lines for restoring them.
std::vector<std::string> take_jar_cookies(CURL* easy, const std::vector<HttpCookie>& names);
// Restores them, except those that the jar has again.
void put_jar_cookies(CURL* easy, const std::vector<std::string>& lines);

}  // namespace locust::worker
