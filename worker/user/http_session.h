// HttpSession: a user's HTTP client, named like Locust's FastHttpSession (contrib/fasthttp.py).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/stats/stats.h"
#include "worker/http/exchange.h"
#include "worker/user/user_context.h"

namespace locust::worker {

class HttpCache;

// Sets a header, or removes it if there is no value. Names are case-insensitive.
struct HeaderChange {
  std::string name;
  std::optional<std::string> value;
};
using HeaderChanges = std::vector<HeaderChange>;

struct RequestOptions {
  std::string name{};       // the row in the statistics; empty: the URL as the caller wrote it
  HeaderChanges headers{};  // for this request, in addition to the session's
  std::vector<HttpCookie> cookies{};  // for this request; they replace the session's of these names
  std::optional<HttpLogin> digest{};
  std::string body{};
  std::vector<HttpBodyPart> body_parts{};  // instead of `body`
  // A JSON text, sent if `body` is empty. Adds Content-Type and Accept unless given, like
  // FastHttpSession.request.
  std::optional<std::string> json{};
  Duration timeout = std::chrono::seconds(60);
  bool allow_redirects = true;
  int max_redirects = 30;
  bool keep_headers = true;  // false is faster, if nothing reads them
  bool keep_body = true;     // likewise
  bool keep_begin = false;   // as in HttpRequest
  bool record = true;        // false: sent and checked, but not counted
  HttpRoute route{};
};

// A logged request. The views are valid during the call.
struct RequestSample {
  double time = 0;  // seconds since the epoch, when it ended
  std::string_view type;
  std::string_view name;
  double response_time_ms = 0;
  std::uint64_t response_length = 0;  // bytes
  int status = 0;                     // 0: no response
  std::string_view error = {};        // empty: success
  std::string_view user_class = {};
  std::uint64_t user_id = 0;
};
using RequestEvent = std::function<void(const RequestSample&)>;
// Called before a request is sent; the exchange still has the previous response.
using SendingEvent = std::function<void(const Exchange&)>;

// The owner of a session, and the listeners to its requests.
struct HttpSessionOwner {
  std::string_view user_class = {};
  std::uint64_t user_id = 0;
  // Not called if null or empty.
  const RequestEvent* request = nullptr;
  const SendingEvent* sending = nullptr;
};

// The phases as counted in the statistics, without those that did not happen.
RequestPhases request_phases(const HttpPhases& times);

// One per user; used on the user's stack only, one request at a time. A request that completed or
// failed is logged exactly once: by finish(), or with the default verdict by the next send() or the
// destructor. A request that is cancelled in flight is not logged.
class HttpSession {
 public:
  // Everything except `base_url` must outlive the session, including the referents of `owner`; the
  // context may already be destroyed when the destructor runs. `base_url` is prepended to every URL
  // that is not absolute.
  HttpSession(UserContext& context, HttpEngine& engine, RequestStats& stats, std::string base_url,
              HttpSessionOwner owner = {});
  // Creates another session of the same user. It shares cookies and connections and can have a
  // request in flight at the same time. The constructor's arguments must outlive both sessions.
  std::unique_ptr<HttpSession> sibling() const;
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Send and log with the default verdict. The response is valid until the next request. Throw
  // UserKilled, and std::runtime_error for a relative URL without a base host.
  const HttpResponse& request(std::string method, std::string_view url,
                              RequestOptions options = {});
  const HttpResponse& get(std::string_view url, RequestOptions options = {}) {
    return request("GET", url, std::move(options));
  }
  const HttpResponse& post(std::string_view url, RequestOptions options = {}) {
    return request("POST", url, std::move(options));
  }
  const HttpResponse& put(std::string_view url, RequestOptions options = {}) {
    return request("PUT", url, std::move(options));
  }
  const HttpResponse& patch(std::string_view url, RequestOptions options = {}) {
    return request("PATCH", url, std::move(options));
  }
  const HttpResponse& head(std::string_view url, RequestOptions options = {}) {
    return request("HEAD", url, std::move(options));
  }
  const HttpResponse& options(std::string_view url, RequestOptions options = {}) {
    return request("OPTIONS", url, std::move(options));
  }

  // The same in two steps, like stock's catch_response=True: send(), examine the response, then
  // finish() with the text of the failure, or empty for success. Only the first finish() counts.
  const HttpResponse& send(std::string method, std::string_view url, RequestOptions options = {});
  // `complete` is called for the first failure of its kind in the test, if its evidence is kept in
  // full, so that the caller can add to it. The failure's text and the evidence are masked.
  void finish(std::string_view failure, const std::function<void(FailedExchange&)>& complete = {});
  // The same, but counts the request with other values than its own.
  struct Counted {
    std::string_view type;
    std::string_view name;
    std::optional<double> response_time_ms;  // nullopt: not timed
    std::uint64_t length = 0;
  };
  void finish_as(const Counted& counted, std::string_view failure,
                 const std::function<void(FailedExchange&)>& complete = {});

  // Instead of finish(): the request is not logged at all.
  void forget() { unlogged_ = false; }

  // Sends several requests at once, at most `per_host` at a time to one host. next_response() waits
  // for one of them, makes it the current request, to be finished as after send(), and returns its
  // index; nullopt after the last one, when there is no current response. Other requests may be
  // sent between two calls. Always call end_together(), which discards the rest after UserKilled.
  struct Request {
    std::string method;
    std::string url;
    RequestOptions options;
  };
  void send_together(std::vector<Request> requests, int per_host);
  std::optional<std::size_t> next_response();
  void end_together();
  // Counts a transaction with this duration as a row of type TX, which is not a request.
  void log_transaction(std::string_view name, Duration time, std::string_view failure);

  // The default verdict: the engine's error, or LocustBadStatusCode(code=…) for a status of 400 or
  // more; empty for success.
  std::string default_failure() const;

  // The last request and its response; before the first one both are empty.
  const Exchange& exchange() const { return *exchange_; }
  // For a caller that moves from the response to keep it. Only after finish() or forget().
  HttpResponse& response() { return exchange_->response; }
  // In milliseconds, as logged.
  double response_time_ms() const { return to_ms(exchange_->response.response_time); }
  const std::string& name() const { return name_; }

  // Changes the headers that every later request of this session sends.
  void change_headers(const HeaderChanges& changes);
  const HttpHeaders& headers() const { return headers_; }
  void set_headers(HttpHeaders headers) { headers_ = std::move(headers); }
  // Changes the user's own cookies for the base URL's host, or for all hosts if there is no base
  // URL.
  void change_cookies(const std::vector<HttpCookie>& changes);
  // The client has all cookies, including those that servers set.
  HttpClient& client() { return *client_; }
  // Discards cookies, connections and TLS sessions: the next request looks like a new visitor's.
  void new_session();
  // Gives GET requests a private browser cache. If the cached response is fresh, it is returned
  // immediately, and nothing is sent or logged. If the server confirms a stale one (304), the 304
  // is logged, and the cached response is returned with status 200.
  void use_cache();
  const std::string& base_url() const { return base_url_; }

 private:
  struct Together;

  HttpSession(UserContext& context, RequestStats& stats, std::string base_url,
              HttpSessionOwner owner, std::shared_ptr<HttpClient> client);

  // For the statistics. The length of an incomplete response is not logged, as in stock
  // (fasthttp.py FastHttpSession.request).
  struct Received {
    int status = 0;
    std::uint64_t length = 0;
  };

  // Returns true if the cache has the response and nothing must be sent.
  bool serve_from_cache();
  void announce(const Exchange& exchange) const;
  void responded();
  void fill_request(std::string method, std::string_view url, RequestOptions options);

  UserContext& context_;
  const Clock& clock_;  // outlives the context, which may be gone when the destructor logs
  RequestStats& stats_;
  std::string base_url_;
  HttpSessionOwner owner_;
  HttpHeaders headers_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<HttpCache> cache_;    // null if there is none
  std::unique_ptr<Together> together_;  // null outside a parallel step
  std::shared_ptr<HttpClient> client_;  // destroyed first: it may still refer to the exchange
  std::string name_;
  bool record_ = true;
  bool unlogged_ = false;
  Received received_;
};

}  // namespace locust::worker
