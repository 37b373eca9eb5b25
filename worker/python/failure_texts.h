// How a request that failed is counted, in the words of stock's HttpUser.
#pragma once

#include <string>
#include <string_view>

#include "worker/http/exchange.h"

namespace locust::worker {

// Why there is no complete response (docs/python.md has the table); empty if there is one. `url` and
// `timeout` are the request's.
std::string requests_failure(const HttpResponse& response, const std::string& url,
                             Duration timeout);

// For a status of 400 and more, "HTTPError('404 Client Error: Not Found for url: NAME')": stock puts
// the name where requests has the URL, so that all requests of a name count as one kind.
std::string requests_bad_status(const HttpResponse& response, std::string_view name);

}  // namespace locust::worker
