// Cookies in the form of libcurl's jar: lines of seven fields, separated by tabs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/http/curl_handle.h"
#include "worker/http/exchange.h"
#include "worker/http/failure.h"

namespace locust::worker {

// Returns a failure if the cookie must not be sent: it has separators or control characters.
std::optional<Failure> invalid_cookie(const HttpCookie& cookie);

// "a=1; b=2", with the cookies that have a value.
std::string cookie_line(const std::vector<HttpCookie>& cookies);

// The implementations of HttpClient::cookies, keep_cookie and clear_cookies.
std::vector<KeptCookie> jar_cookies(CURL* easy);
bool keep_jar_cookie(CURL* easy, const KeptCookie& cookie);
void clear_jar(CURL* easy);

// The implementation of HttpClient::set_cookie. Ignores an invalid cookie.
void set_jar_cookie(CURL* easy, const std::string& host, bool secure, const HttpCookie& cookie);

// Removes the cookies with these names from the jar and returns their lines for restoring them.
std::vector<std::string> take_jar_cookies(CURL* easy, const std::vector<HttpCookie>& names);
// Restores these lines, except cookies that the jar has again.
void put_jar_cookies(CURL* easy, const std::vector<std::string>& lines);

}  // namespace locust::worker
