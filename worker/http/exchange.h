// Exchange: one HTTP request and its response, as plain data. The session fills the request, the
// engine the response; a scenario's expressions and the statistics read both.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace locust::worker {

struct HttpHeader {
  std::string name;
  std::string value;
  bool operator==(const HttpHeader&) const = default;
};
using HttpHeaders = std::vector<HttpHeader>;

// How to reach the server. Requests of one user share a connection only if they differ at most in
// http2.
struct HttpRoute {
  bool verify = true;       // check the server's certificate and host name
  bool http2 = false;       // offer HTTP/2 by ALPN; false: HTTP/1.1
  std::string ca_file;      // PEM bundle instead of the system's
  std::string cert_file;    // client certificate with its key, PEM
  std::string proxy;        // URL; empty: none; "env": that of the environment variables
  std::string unix_socket;  // path; empty: TCP
  std::string source_ip;    // local address to bind
  bool operator==(const HttpRoute&) const = default;
};

// The number of shown bytes of a failed response's body. If the body is not kept for other reasons,
// a few more are kept, so that a secret across the end can be masked.
inline constexpr std::size_t kEvidenceBytes = 4096;

struct HttpCookie {
  std::string name;
  std::optional<std::string> value;  // nullopt: it is not sent, or removed
  bool operator==(const HttpCookie&) const = default;
};

// A cookie in a client's jar.
struct KeptCookie {
  std::string domain{};
  bool subdomains = false;  // also sent to subdomains
  std::string path = "/";
  bool secure = false;  // sent over https only
  bool http_only = false;
  std::int64_t expires = 0;  // seconds since the epoch; 0: with the client
  std::string name{};
  std::string value{};
  bool operator==(const KeptCookie&) const = default;
};

struct HttpLogin {
  std::string user;
  std::string password;
  bool operator==(const HttpLogin&) const = default;
};

// A part of a body.
struct HttpBodyPart {
  std::string text{};
  std::string file{};  // path; if not empty, sent instead of `text`, with its current content
};

struct HttpRequest {
  std::string method = "GET";  // any token; upper case as it goes on the wire
  std::string url;             // absolute, http or https, already percent-encoded; its #fragment is
                               // not sent; user:password@ becomes basic authentication
  // Sent unchanged; a name given here replaces the engine's own header. Otherwise only Host,
  // User-Agent, Accept-Encoding, the user's cookies and a Content-Length are sent.
  HttpHeaders headers;
  // Sent instead of the user's own cookies of these names; also with redirects within the first
  // origin.
  std::vector<HttpCookie> cookies;
  std::optional<HttpLogin> digest;  // RFC 7616; challenge and response count as one request
  std::string body;  // sent if not empty; POST, PUT and PATCH send "Content-Length: 0" without one
  // If not empty, sent one after the other instead of `body`; files are not loaded into memory.
  std::vector<HttpBodyPart> body_parts;
  Duration timeout = std::chrono::seconds(60);  // whole request: resolving, redirects, body
  bool allow_redirects = true;
  int max_redirects = 30;
  // If false, headers stay empty, and the body is decoded and counted, but not stored. For a status
  // of 400 or more the headers and the start of the body are kept anyway, as evidence.
  bool keep_headers = true;
  bool keep_body = true;
  bool keep_begin = false;  // keep that much of every response
  HttpRoute route;
};

// Why a response is not complete. A status of 400 or more is a complete response.
enum class HttpErrorKind : std::uint8_t {
  kNone,
  kInvalidRequest,    // malformed URL, method or header: nothing was sent
  kResolve,           // the name has no address
  kConnect,           // refused, unreachable, no descriptor or port left …
  kTls,               // handshake or certificate
  kTimeout,           // request.timeout has passed
  kConnectionClosed,  // closed or reset before the response was complete
  kProtocol,          // not HTTP, or a body that cannot be decoded
  kTooManyRedirects,
  kBadRedirect,   // to something that is not http or https
  kBodyFile,      // a file of the request cannot be read, or became shorter while it was sent
  kBodyTooLarge,  // kept or decoded, and beyond EngineOptions::max_body_bytes
  kOther,
};

// The phases of a request. Zero for phases that did not happen: a reused connection does not
// resolve or connect.
struct HttpPhases {
  Duration resolved{};  // waiting for addresses, all hops
  // Since the last hop was sent:
  Duration connected{};
  Duration tls_done{};
  Duration first_byte{};
};

struct HttpResponse {
  int status = 0;  // 0: no response
  HttpErrorKind error = HttpErrorKind::kNone;
  // The text of the newest FastHttpUser (docs/errors.md); empty if there is no error.
  std::string error_text;
  std::string reason;          // "Not Found", from the server; needs request.keep_headers
  std::string redirected_url;  // after redirects; empty without redirects
  std::string headers;  // the last response's header lines, separated by CRLF, without status line
  std::string body;     // decoded
  std::uint64_t content_length = 0;  // bytes of the decoded body, kept or not
  int redirects = 0;                 // hops followed
  Duration response_time{};          // start() to the last byte, over all hops
  HttpPhases phases;

  bool failed() const { return error != HttpErrorKind::kNone; }
  // The value of the first header with this name, case-insensitive. Needs request.keep_headers.
  std::optional<std::string_view> header(std::string_view name) const;
  // Clears it for the next request. The strings keep a moderate capacity.
  void clear();
};

// On the heap, owned by its user: it must outlive the transfer, whatever happens to the user's
// stack. From HttpEngine::start to completion or cancellation only the engine may access it.
// Reusable.
struct Exchange {
  HttpRequest request;
  HttpResponse response;
  void* transfer = nullptr;  // the engine's; null while not in flight

  const std::string& url() const {
    return response.redirected_url.empty() ? request.url : response.redirected_url;
  }
};

}  // namespace locust::worker
