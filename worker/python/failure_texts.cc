#include "worker/python/failure_texts.h"

#include <charconv>

#include "common/base/number.h"
#include "common/base/python_repr.h"
#include "worker/http/url.h"

namespace locust::worker {
namespace {

// The connection pool of a server, as urllib3 prints it.
std::string pool_of(const std::string& url) {
  const auto origin = parse_origin(url);
  if (!origin) return "HTTPConnectionPool()";
  return std::string(origin->scheme == "https" ? "HTTPSConnectionPool" : "HTTPConnectionPool") +
         "(host=" + python_repr(origin->host) + ", port=" + origin->port + ")";
}

std::string timeout_text(Duration timeout) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  return whole == timeout ? std::to_string(whole.count()) : float_repr(to_seconds(timeout));
}

std::string broken_body(const HttpResponse& response) {
  std::uint64_t expected = 0;
  const auto length = response.header("Content-Length");
  if (length) std::from_chars(length->data(), length->data() + length->size(), expected);
  std::string read = "IncompleteRead(" + std::to_string(response.content_length) + " bytes read";
  if (expected > response.content_length) {
    read += ", " + std::to_string(expected - response.content_length) + " more expected";
  }
  read += ")";
  return "ChunkedEncodingError(ProtocolError(" + python_repr("Connection broken: " + read) + ", " +
         read + "))";
}

}  // namespace

std::string requests_failure(const HttpResponse& response, const std::string& url,
                             Duration timeout) {
  const std::string& text = response.error_text;
  switch (response.error) {
    case HttpErrorKind::kNone:
      return {};
    case HttpErrorKind::kTimeout: {
      const std::string pool = pool_of(url) + ": Read timed out.";
      if (response.status != 0) return "ReadTimeoutError(" + python_repr(pool) + ")";
      return "ReadTimeout(ReadTimeoutError(" +
             python_repr(pool + " (read timeout=" + timeout_text(timeout) + ")") + "))";
    }
    case HttpErrorKind::kTooManyRedirects:
      return "TooManyRedirects('Exceeded " + std::to_string(response.redirects) + " redirects.')";
    case HttpErrorKind::kConnectionClosed:
      if (text.starts_with("HTTPConnectionClosed(")) {
        return "RemoteDisconnected('Remote end closed connection without response')";
      }
      return text.starts_with("HTTPParseError(") ? broken_body(response) : text;
    case HttpErrorKind::kProtocol:
      return text.starts_with("HTTPParseError('Incomplete") ? broken_body(response) : text;
    case HttpErrorKind::kTls:
      return text.starts_with("SSL") ? "SSLError(" + text + ")" : text;
    default:
      return text;
  }
}

std::string requests_bad_status(const HttpResponse& response, std::string_view name) {
  return "HTTPError(" +
         python_repr(std::to_string(response.status) +
                     (response.status < 500 ? " Client Error: " : " Server Error: ") +
                     response.reason + " for url: " + std::string(name)) +
         ")";
}

}  // namespace locust::worker
