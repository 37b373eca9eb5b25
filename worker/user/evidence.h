// Evidence: what a failed request and its response looked like, for a person to read.
#pragma once

#include "common/stats.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// The exchange as texts. The values of headers that carry credentials are masked, and so is a
// password in the URL; of the request's body only the size is told, because forms and tokens are in
// there. What the engine did not keep of the response (HttpRequest::keep_body) is missing.
FailedExchange failed_exchange(const Exchange& exchange);

}  // namespace locust::worker
