// Cookies as libcurl's jar holds them: lines of seven fields, separated by tabs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/http/curl_handle.h"
#include "worker/http/exchange.h"
#include "worker/http/failure.h"

namespace locust::worker {

// What may not be sent: separators or controls.
std::optional<Failure> invalid_cookie(const HttpCookie& cookie);

// "a=1; b=2" of those that have a value.
std::string cookie_line(const std::vector<HttpCookie>& cookies);

// As HttpClient::cookies, keep_cookie and clear_cookies.
std::vector<KeptCookie> jar_cookies(CURL* easy);
bool keep_jar_cookie(CURL* easy, const KeptCookie& cookie);
void clear_jar(CURL* easy);

// As HttpClient::set_cookie; nothing happens for one that is not valid.
void set_jar_cookie(CURL* easy, const std::string& host, bool secure, const HttpCookie& cookie);

// Removes the cookies of these names from the jar and returns them as the lines to put back later.
std::vector<std::string> take_jar_cookies(CURL* easy, const std::vector<HttpCookie>& names);
// Except those that the jar has again.
void put_jar_cookies(CURL* easy, const std::vector<std::string>& lines);

}  // namespace locust::worker
