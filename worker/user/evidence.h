// Evidence: what a failed request and its response looked like, for a person to read.
#pragma once

#include <string>
#include <string_view>

#include "common/stats.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// Whether a header or variable of this name is likely to hold a credential: Authorization,
// Set-Cookie, X-Api-Key, Client-Secret, access_token, password …
bool carries_credentials(std::string_view name);

// "POST http://…" or "HTTP 503" and the header lines, 8 KiB at most; nothing for a response that did
// not come. The values of headers that carry credentials are masked, and so is a password in the
// URL.
std::string request_head(const HttpRequest& request);
std::string response_head(const HttpResponse& response);

// The exchange as texts. Of the request's body only the size is told, because forms and tokens are in
// there. What the engine did not keep of the response (HttpRequest::keep_body) is missing.
FailedExchange failed_exchange(const Exchange& exchange);

}  // namespace locust::worker
