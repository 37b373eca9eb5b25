// The failure texts of requests, as stock's HttpUser writes them.
#pragma once

#include <string>
#include <string_view>

#include "worker/http/exchange.h"

namespace locust::worker {

// The reason why there is no complete response (docs/python.md has the table); empty if there is
// one. `url` and `timeout` are the request's.
std::string requests_failure(const HttpResponse& response, const std::string& url,
                             Duration timeout);

// For a status of 400 or above: "HTTPError('404 Client Error: Not Found for url: NAME')". Stock
// writes the name where requests writes the URL, so that all requests of a name are one kind of
// failure.
std::string requests_bad_status(const HttpResponse& response, std::string_view name);

}  // namespace locust::worker
