// HttpEngine: makes the HTTP requests of all users of a worker, on its loop, without blocking it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/event_loop.h"
#include "common/base/version.h"
#include "worker/http/exchange.h"
#include "worker/http/resolver.h"

namespace locust::worker {

// The state of one user between requests: cookies, connections and TLS sessions. Clients share
// nothing. Small until the first request. Destruction closes the connections and cancels requests
// in flight; destroy it before its engine.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // --- Applied by the next request.

  // Sets or removes a cookie. It is the same cookie that `host` itself would set for all its paths,
  // for https only if `secure`, so that the host can change and delete it. Without a host it is
  // sent to all hosts.
  virtual void set_cookie(const std::string& host, bool secure, const HttpCookie& cookie) = 0;
  // Discards cookies, connections and TLS sessions.
  virtual void reset() = 0;

  // --- Applied immediately, also while requests are in flight. Need more stack than a fiber has.

  // The cookies that servers and test code have set, a few thousand at most; without those that
  // set_cookie() has set for no host.
  virtual std::vector<KeptCookie> cookies() = 0;
  // Replaces the cookie with the same domain, path and name; an expired cookie only removes it.
  // Returns false, without effect, if the cookie cannot be sent.
  virtual bool keep_cookie(const KeptCookie& cookie) = 0;
  virtual void clear_cookies() = 0;
};

// Used on the loop's thread only. Tests use a fake.
class HttpEngine {
 public:
  using Completion = std::function<void()>;

  virtual ~HttpEngine() = default;
  virtual std::unique_ptr<HttpClient> new_client() = 0;

  // Clears exchange.response, sends exchange.request and calls `on_done` once when the response is
  // complete or has failed: from the loop, never inside start() or cancel(), so `on_done` may
  // resume a fiber, start the next request, cancel others or destroy the client. Call it on the
  // loop's own stack: a TLS handshake needs more than a fiber has. One client may have several
  // exchanges in flight, each on its own connection. `client` and `exchange` must be valid until
  // then.
  virtual void start(HttpClient& client, Exchange& exchange, Completion on_done) = 0;

  // Ends the exchange immediately, at any stage, without completion. Its response is then
  // undefined. Does nothing if it is not in flight.
  virtual void cancel(Exchange& exchange) = 0;
};

// The limit of a body that is kept, or decoded from possibly fewer bytes.
inline constexpr std::uint64_t kDefaultMaxBodyBytes = std::uint64_t{256} << 20;

struct EngineOptions {
  std::string user_agent = "locust-cpp/" + std::string(kVersion);
  std::string accept_encoding = "gzip, deflate, br";
  std::string ca_file{};  // empty: the system's bundle
  std::uint64_t max_body_bytes = kDefaultMaxBodyBytes;
  std::size_t max_pinned_hosts = 10'000;  // whose addresses curl keeps
  ResolverOptions resolver{};
};

// The engine on libcurl's multi interface. `loop` must outlive it; create and destroy it on the
// loop's thread (or while the loop does not run).
std::unique_ptr<HttpEngine> make_curl_engine(EventLoop& loop, EngineOptions options);

// The first proxy variable in the environment, as "HTTP_PROXY=http://…" with its password masked,
// so that a worker can log that it ignores it, as stock does.
std::optional<std::string> proxy_environment();

}  // namespace locust::worker
