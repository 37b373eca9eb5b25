#include "worker/http/failure.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "common/base/python_repr.h"
#include "worker/http/os_error.h"

namespace locust::worker {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string call(std::string_view name, std::string_view argument) {
  return std::string(name) + "(" + python_repr(argument) + ")";
}

// geventhttpclient's parser errors carry llhttp's number.
Failure parse_failure(std::string_view message, int number) {
  return {HttpErrorKind::kProtocol,
          "HTTPParseError(" + python_repr(message) + ", " + std::to_string(number) + ")"};
}

std::string retries_exceeded(std::string_view url, std::string_view original) {
  return "RetriesExceeded(" + python_repr(url) + ", 0, original=" + std::string(original) + ")";
}

Failure certificate_failure(const FailureContext& context) {
  std::string reason(context.detail);
  constexpr std::string_view kPrefix = "SSL certificate problem: ";
  if (context.detail.starts_with(kPrefix)) {
    reason = context.detail.substr(kPrefix.size());
  } else if (contains(context.detail, "does not match target host name") ||
             contains(context.detail, "no alternative certificate subject name")) {
    reason = "Hostname mismatch, certificate is not valid for " + python_repr(context.host);
  }
  return {HttpErrorKind::kTls,
          "SSLCertVerificationError(1, " +
              python_repr("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + reason +
                          " (verify: false accepts it)") +
              ")"};
}

// "OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number" becomes Python's
// "[SSL: WRONG_VERSION_NUMBER] wrong version number".
Failure tls_failure(std::string_view detail) {
  if (contains(detail, "reset by peer")) return {HttpErrorKind::kTls, python_os_error(ECONNRESET)};
  if (contains(detail, "SSL_ERROR_SYSCALL") || contains(detail, "SSL_ERROR_ZERO_RETURN") ||
      contains(detail, "unexpected eof"))
    return {HttpErrorKind::kTls,
            "SSLZeroReturnError(6, 'TLS/SSL connection has been closed (EOF)')"};
  const auto separator = detail.rfind("::");
  std::string text(detail);
  if (separator != std::string_view::npos) {
    const std::string_view reason = detail.substr(separator + 2);
    std::string symbol(reason);
    std::transform(symbol.begin(), symbol.end(), symbol.begin(), [](char c) {
      if (c == ' ') return '_';
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    text = "[SSL: " + symbol + "] " + std::string(reason);
  }
  return {HttpErrorKind::kTls, "SSLError(1, " + python_repr(text) + ")"};
}

// A proxy's refusal of CONNECT, "CONNECT tunnel failed, response 407", in the words of Python's
// http.client.
std::optional<Failure> tunnel_failure(std::string_view detail) {
  constexpr std::string_view kPrefix = "CONNECT tunnel failed, response ";
  if (!detail.starts_with(kPrefix)) return std::nullopt;
  return Failure{
      HttpErrorKind::kConnect,
      call("OSError", "Tunnel connection failed: " + std::string(detail.substr(kPrefix.size())))};
}

// Sending or receiving failed on an established connection.
Failure broken_connection_failure(const FailureContext& context) {
  if (auto tunnel = tunnel_failure(context.detail)) return *tunnel;
  if (contains(context.detail, "chunked-encoding"))
    return parse_failure("Invalid character in chunk size", 12);
  if (contains(context.detail, "Too large response headers")) return headers_too_large_failure();
  if (!context.any_response) return connection_closed_failure();
  return {HttpErrorKind::kConnectionClosed, python_os_error(ECONNRESET)};
}

Failure connect_failure(const FailureContext& context) {
  if (context.os_errno != 0) return {HttpErrorKind::kConnect, python_os_error(context.os_errno)};
  return {HttpErrorKind::kConnect, call("OSError", curl_easy_strerror(context.code))};
}

}  // namespace

Failure describe_failure(const FailureContext& context) {
  switch (context.code) {
    case CURLE_URL_MALFORMAT:
      return {HttpErrorKind::kInvalidRequest,
              call("ValueError", "invalid request URI " + python_repr(context.hop_url))};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {HttpErrorKind::kResolve, "gaierror(-2, 'Name or service not known')"};
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return connect_failure(context);
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_failure(context.url, /*in_tls_handshake=*/false, context.headers_complete);
    case CURLE_GOT_NOTHING:
    case CURLE_ABORTED_BY_CALLBACK:
      return connection_closed_failure();
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return broken_connection_failure(context);
    case CURLE_PARTIAL_FILE:
      return {HttpErrorKind::kConnectionClosed, "HTTPParseError('Incomplete response.')"};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return parse_failure("Expected HTTP/, RTSP/ or ICE/", 8);
    case CURLE_WEIRD_SERVER_REPLY:
      return contains(context.detail, "Content-Length") ? invalid_length_failure()
                                                        : parse_failure(context.detail, 0);
    case CURLE_PEER_FAILED_VERIFICATION:
      return certificate_failure(context);
    case CURLE_SSL_CONNECT_ERROR:
      return tls_failure(context.detail);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {HttpErrorKind::kTls, call("SSLError", context.detail)};
    case CURLE_OUT_OF_MEMORY:
      // libcurl's answer to a header line of more than 100 KB.
      if (context.any_response && !context.headers_complete) return headers_too_large_failure();
      return {HttpErrorKind::kOther, "MemoryError()"};
    default:
      break;
  }
  // The detail is left out: it may have numbers, and each text is a row of its own.
  return {HttpErrorKind::kOther, call("ConnectionError", curl_easy_strerror(context.code))};
}

Failure timeout_failure(std::string_view url, bool in_tls_handshake, bool headers_complete) {
  if (headers_complete) return {HttpErrorKind::kTimeout, "TimeoutError('timed out')"};
  return {
      HttpErrorKind::kTimeout,
      retries_exceeded(url, in_tls_handshake ? "The handshake operation timed out" : "timed out")};
}

Failure redirect_limit_failure(std::string_view url, int max_redirects) {
  return {HttpErrorKind::kTooManyRedirects, "RetriesExceeded(" + python_repr(url) +
                                                ", 'Redirection limit reached (" +
                                                std::to_string(max_redirects) + ")')"};
}

Failure redirect_scheme_failure(std::string_view hop_url, std::string_view scheme) {
  return {HttpErrorKind::kBadRedirect,
          "UnsupportedRedirectSchemeError(" + python_repr(hop_url) + ", " +
              python_repr("refusing to follow redirect to " + python_repr(scheme) + " URL") + ")"};
}

Failure headers_too_large_failure() { return parse_failure("Too large response headers", 0); }

Failure invalid_length_failure() {
  return parse_failure("Invalid character in Content-Length", 11);
}

Failure length_overflow_failure() { return parse_failure("Content-Length overflow", 11); }

Failure contradicting_lengths_failure() { return parse_failure("Duplicate Content-Length", 4); }

Failure transfer_encoding_failure() { return parse_failure("Unknown Transfer-Encoding", 15); }

Failure truncated_headers_failure() { return parse_failure("Invalid EOF state", 14); }

Failure body_too_large_failure(std::uint64_t max_body_bytes) {
  return {HttpErrorKind::kBodyTooLarge,
          call("BodyLimitExceeded", "the response body has more than " +
                                        std::to_string(max_body_bytes) +
                                        " bytes; --max-body-size raises the limit")};
}

Failure connection_closed_failure() {
  return {HttpErrorKind::kConnectionClosed, "HTTPConnectionClosed('connection closed.')"};
}

}  // namespace locust::worker
