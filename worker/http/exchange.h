// Exchange: one HTTP request and what came of it, as plain data. The session fills the request, the
// engine the response; the expressions of a scenario and the statistics read both.
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

// How to reach the server. Requests of one user that differ in more than http2 share no connection.
struct HttpRoute {
  bool verify = true;       // check the server's certificate and name
  bool http2 = false;       // offer HTTP/2 by ALPN; false: HTTP/1.1
  std::string ca_file;      // PEM bundle instead of the system's
  std::string cert_file;    // client certificate with its key, PEM
  std::string proxy;        // URL; empty: none, whatever the environment says; "env": as it says
  std::string unix_socket;  // path; empty: TCP
  std::string source_ip;    // local address to bind
  bool operator==(const HttpRoute&) const = default;
};

// How much of the body of a failed response is shown. A little more is kept where nobody asked for
// the body, so that a secret across the end can be masked.
inline constexpr std::size_t kEvidenceBytes = 4096;

struct HttpCookie {
  std::string name;
  std::optional<std::string> value;  // nothing: it is not sent, or removed
  bool operator==(const HttpCookie&) const = default;
};

// A cookie as a client keeps it.
struct KeptCookie {
  std::string domain{};
  bool subdomains = false;  // sent to those of the domain too
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

// A piece of a body.
struct HttpBodyPart {
  std::string text{};
  std::string file{};  // path; sent instead of `text` if not empty, as it is when it is sent
};

struct HttpRequest {
  std::string method = "GET";  // any token; upper case as it goes on the wire
  std::string url;             // absolute, http or https, already percent-encoded; its #fragment is
                               // not sent; user:password@ becomes basic authentication
  // Sent as they are, a name given here replaces the engine's own. Without them only Host,
  // User-Agent, Accept-Encoding, the user's cookies and a Content-Length are sent.
  HttpHeaders headers;
  // Sent instead of the user's own cookies of these names; with redirects within the first origin.
  std::vector<HttpCookie> cookies;
  std::optional<HttpLogin> digest;  // RFC 7616; the challenge and the answer are one request
  std::string body;  // sent if not empty; POST, PUT and PATCH send "Content-Length: 0" without one
  // Sent one after the other instead of `body`, if there are any; files are not held in memory.
  std::vector<HttpBodyPart> body_parts;
  Duration timeout = std::chrono::seconds(60);  // whole request: resolving, redirects, body
  bool allow_redirects = true;
  int max_redirects = 30;
  // False: headers stay empty, and the body is decoded and counted, not stored; but of a response
  // of 400 and more the headers and the start of the body are kept, to show why it failed.
  bool keep_headers = true;
  bool keep_body = true;
  bool keep_begin = false;  // keeps of every response what is kept of those
  HttpRoute route;
};

// What kept a response from being complete. Statuses of 400 and more are none of these.
enum class HttpErrorKind : std::uint8_t {
  kNone,
  kInvalidRequest,    // malformed URL, method or header: nothing was sent
  kResolve,           // the name has no address
  kConnect,           // refused, unreachable, no descriptor or port left …
  kTls,               // handshake or certificate
  kTimeout,           // request.timeout is over
  kConnectionClosed,  // closed or reset before the response was complete
  kProtocol,          // not HTTP, or a body that cannot be decoded
  kTooManyRedirects,
  kBadRedirect,   // to something that is not http or https
  kBodyFile,      // a file of the request cannot be read, or became shorter while it was sent
  kBodyTooLarge,  // kept or decoded, and beyond EngineOptions::max_body_bytes
  kOther,
};

// Where the time went. Zero where a phase did not happen: a reused connection resolves and connects
// nothing.
struct HttpPhases {
  Duration resolved{};  // waiting for addresses, all hops
  // Since the last hop was sent:
  Duration connected{};
  Duration tls_done{};
  Duration first_byte{};
};

struct HttpResponse {
  int status = 0;  // 0: no response came
  HttpErrorKind error = HttpErrorKind::kNone;
  // As newest FastHttpUser writes it, docs/errors.md; empty if there is no error.
  std::string error_text;
  std::string reason;          // "Not Found", as the server says; needs request.keep_headers
  std::string redirected_url;  // where redirects led; empty without them
  std::string headers;  // the last response's header lines, CRLF between, status line left out
  std::string body;     // decoded
  std::uint64_t content_length = 0;  // bytes of the decoded body, kept or not
  int redirects = 0;                 // hops followed
  Duration response_time{};          // start() to the last byte, over all hops
  HttpPhases phases;

  bool failed() const { return error != HttpErrorKind::kNone; }
  // Value of the first header of that name, case ignored. Needs request.keep_headers.
  std::optional<std::string_view> header(std::string_view name) const;
  // Empties it for the next request; the strings keep moderate capacity.
  void clear();
};

// Lives on the heap with its user: it outlives the transfer, whatever happens to the user's stack.
// Between HttpEngine::start and the completion or cancel only the engine touches it. Reusable.
struct Exchange {
  HttpRequest request;
  HttpResponse response;
  void* transfer = nullptr;  // the engine's; null while not in flight

  const std::string& url() const {
    return response.redirected_url.empty() ? request.url : response.redirected_url;
  }
};

}  // namespace locust::worker
