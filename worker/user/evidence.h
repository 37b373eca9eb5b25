// Evidence: what a failed request and its response looked like, for a person to read.
#pragma once

#include <string>

#include "common/stats/mask_stats.h"
#include "common/stats/stats.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// "POST http://…" or "HTTP 503" and the header lines, 8 KiB at most; empty for a response that did
// not come. Masked by the rule of common/base/mask.h, as all of this file.
std::string request_head(const HttpRequest& request);
std::string response_head(const HttpResponse& response);

// The exchange as texts, as much as `level` allows. Of the request's body only the size is given.
// What the engine did not keep of the response (HttpRequest::keep_body) is missing.
FailedExchange failed_exchange(const Exchange& exchange,
                               EvidenceLevel level = EvidenceLevel::kFull);

}  // namespace locust::worker
