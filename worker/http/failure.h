// Failure: the failure of a request with stock's text. Maps libcurl's codes to the texts of the
// newest FastHttpUser. docs/errors.md documents them; tests/data/error_texts.json tests both.
#pragma once

#include <string>
#include <string_view>

#include "worker/http/curl_handle.h"
#include "worker/http/exchange.h"

namespace locust::worker {

struct Failure {
  HttpErrorKind kind = HttpErrorKind::kNone;
  std::string text;
};

// The state of the transfer when it ended.
struct FailureContext {
  CURLcode code;
  int os_errno;             // of the last connect; 0 if unknown
  std::string_view detail;  // CURLOPT_ERRORBUFFER
  std::string_view url;     // the request's, before redirects
  std::string_view hop_url;
  std::string_view host;  // of the hop
  bool any_response;      // at least one byte of it arrived
  bool headers_complete;
};
Failure describe_failure(const FailureContext& context);

// The request's timeout expired: before the response's headers were complete, or after.
Failure timeout_failure(std::string_view url, bool in_tls_handshake, bool headers_complete);
Failure redirect_limit_failure(std::string_view url, int max_redirects);
Failure redirect_scheme_failure(std::string_view hop_url, std::string_view scheme);
// The server closed the connection within the status line or the headers, which libcurl treats as a
// response.
Failure truncated_headers_failure();
Failure headers_too_large_failure();
// An invalid Content-Length.
Failure invalid_length_failure();
Failure length_overflow_failure();
Failure contradicting_lengths_failure();
Failure transfer_encoding_failure();
Failure body_too_large_failure(std::uint64_t max_body_bytes);
Failure connection_closed_failure();

}  // namespace locust::worker
