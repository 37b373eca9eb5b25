// Evidence: a failed request and its response as readable text.
#pragma once

#include <string>

#include "common/stats/mask_stats.h"
#include "common/stats/stats.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// "POST http://…" or "HTTP 503" and the header lines, at most 8 KiB; empty if there is no response.
// Everything in this file is masked by common/base/mask.h.
std::string request_head(const HttpRequest& request);
std::string response_head(const HttpResponse& response);

// The exchange as texts, as far as `level` allows. Of the request's body only the size is included.
// Parts of the response that the engine did not keep (HttpRequest::keep_body) are missing.
FailedExchange failed_exchange(const Exchange& exchange,
                               EvidenceLevel level = EvidenceLevel::kFull);

}  // namespace locust::worker
