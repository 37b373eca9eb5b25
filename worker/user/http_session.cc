#include "worker/user/http_session.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/scenario/base_url.h"
#include "common/stats/mask_stats.h"
#include "worker/http/header_name.h"
#include "worker/http/http_cache.h"
#include "worker/http/url.h"
#include "worker/user/evidence.h"
#include "worker/user/http_session_together.h"

namespace locust::worker {
namespace {

bool has(const HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const HttpHeader& h) { return same_name(h.name, name); });
}

void apply(HttpHeaders& headers, HeaderChange change) {
  std::erase_if(headers, [&](const HttpHeader& h) { return same_name(h.name, change.name); });
  if (change.value) headers.push_back({std::move(change.name), *std::move(change.value)});
}

}  // namespace

RequestPhases request_phases(const HttpPhases& times) {
  const auto step = [](Duration from, Duration to) {
    return to > from ? std::optional<Duration>(to - from) : std::nullopt;
  };
  const Duration open = std::max(times.connected, times.tls_done);
  return {.dns = step({}, times.resolved),
          .connect = step({}, times.connected),
          .tls = times.tls_done > Duration::zero() ? step(times.connected, times.tls_done)
                                                   : std::nullopt,
          .first_byte = step(open, times.first_byte)};
}

HttpSession::HttpSession(UserContext& context, HttpEngine& engine, RequestStats& stats,
                         std::string base_url, HttpSessionOwner owner)
    : HttpSession(context, stats, std::move(base_url), owner, engine.new_client()) {}

HttpSession::HttpSession(UserContext& context, RequestStats& stats, std::string base_url,
                         HttpSessionOwner owner, std::shared_ptr<HttpClient> client)
    : context_(context),
      clock_(context.clock()),
      stats_(stats),
      base_url_(std::move(base_url)),
      owner_(owner),
      exchange_(std::make_unique<Exchange>()),
      client_(std::move(client)) {}

std::unique_ptr<HttpSession> HttpSession::sibling() const {
  return std::unique_ptr<HttpSession>(
      new HttpSession(context_, stats_, base_url_, owner_, client_));
}

HttpSession::~HttpSession() {
  if (unlogged_) finish(default_failure());
}

const HttpResponse& HttpSession::request(std::string method, std::string_view url,
                                         RequestOptions options) {
  send(std::move(method), url, std::move(options));
  finish(default_failure());
  return exchange_->response;
}

const HttpResponse& HttpSession::send(std::string method, std::string_view url,
                                      RequestOptions options) {
  if (unlogged_) finish(default_failure());
  fill_request(std::move(method), url, std::move(options));
  if (serve_from_cache()) return exchange_->response;
  announce(*exchange_);
  HttpWait wait{.client = *client_, .exchange = *exchange_};
  context_.wait(wait);
  responded();
  return exchange_->response;
}

bool HttpSession::serve_from_cache() {
  return cache_ && cache_->serve(exchange_->request, exchange_->response, clock_.now());
}

void HttpSession::announce(const Exchange& exchange) const {
  if (owner_.sending != nullptr && *owner_.sending) (*owner_.sending)(exchange);
}

void HttpSession::responded() {
  unlogged_ = true;
  const HttpResponse& response = exchange_->response;
  received_ = {response.status, response.failed() ? 0 : response.content_length};
  if (!cache_) return;
  cache_->take(exchange_->request, exchange_->response, clock_.now(), clock_.wall_time());
}

void HttpSession::use_cache() { cache_ = std::make_unique<HttpCache>(); }

void HttpSession::new_session() {
  client_->reset();
  if (cache_) cache_->clear();
}

void HttpSession::finish(std::string_view failure,
                         const std::function<void(FailedExchange&)>& complete) {
  finish_as({.type = exchange_->request.method,
             .name = name_,
             .response_time_ms = response_time_ms(),
             .length = received_.length},
            failure, complete);
}

void HttpSession::finish_as(const Counted& counted, std::string_view failure,
                            const std::function<void(FailedExchange&)>& complete) {
  if (!std::exchange(unlogged_, false) || !record_) return;
  const std::string shown = failure.empty() ? std::string() : masked(failure);
  const double now = clock_.wall_time();
  std::optional<Number> time;
  if (counted.response_time_ms) time = Number(*counted.response_time_ms);
  stats_.log_request(now, counted.type, counted.name, time,
                     static_cast<std::int64_t>(counted.length),
                     request_phases(exchange_->response.phases));
  if (owner_.request != nullptr && *owner_.request) {
    (*owner_.request)({.time = now,
                       .type = counted.type,
                       .name = counted.name,
                       .response_time_ms = counted.response_time_ms.value_or(0),
                       .response_length = counted.length,
                       .status = received_.status,
                       .error = shown,
                       .user_class = owner_.user_class,
                       .user_id = owner_.user_id});
  }
  if (failure.empty()) return;
  auto* evidence = stats_.log_error(now, counted.type, counted.name, shown);
  const EvidenceLevel level = evidence_level();
  if (evidence != nullptr && level != EvidenceLevel::kNone) {
    FailedExchange exchange = failed_exchange(*exchange_, level);
    if (complete && level == EvidenceLevel::kFull) complete(exchange);
    for (std::string& value : exchange.values) value = masked(value);
    *evidence = std::make_shared<const FailedExchange>(std::move(exchange));
  }
}

void HttpSession::log_transaction(std::string_view name, Duration time, std::string_view failure) {
  const double now = clock_.wall_time();
  const std::string shown = failure.empty() ? std::string() : masked(failure);
  stats_.log_transaction(now, name, Number(to_ms(time)), shown);
  if (owner_.request == nullptr || !*owner_.request) return;
  (*owner_.request)({.time = now,
                     .type = kTransactionMethod,
                     .name = name,
                     .response_time_ms = to_ms(time),
                     .response_length = 0,
                     .status = 0,
                     .error = shown,
                     .user_class = owner_.user_class,
                     .user_id = owner_.user_id});
}

std::string HttpSession::default_failure() const {
  const HttpResponse& response = exchange_->response;
  if (response.failed()) return response.error_text;
  if (response.status < 400) return {};
  return "LocustBadStatusCode(code=" + std::to_string(response.status) + ")";
}

void HttpSession::change_headers(const HeaderChanges& changes) {
  for (const HeaderChange& change : changes) apply(headers_, change);
}

void HttpSession::change_cookies(const std::vector<HttpCookie>& changes) {
  const Result<Origin> origin = base_url_.empty() ? Origin{} : parse_origin(base_url_);
  const std::string host = origin ? origin->host : "";
  const bool secure = origin && origin->scheme == "https";
  for (const HttpCookie& change : changes) client_->set_cookie(host, secure, change);
}

void HttpSession::fill_request(std::string method, std::string_view url, RequestOptions options) {
  const bool absolute = is_absolute_url(url);
  if (!absolute && base_url_.empty()) {
    throw std::runtime_error(
        "You must specify the base host. Either in the host attribute in the User class, or on "
        "the command line using the --host option.");
  }
  HttpRequest& request = exchange_->request;
  request.method = std::move(method);
  request.url.assign(absolute ? std::string_view() : base_url_).append(url);
  request.headers = headers_;
  for (HeaderChange& change : options.headers) apply(request.headers, std::move(change));
  request.cookies = std::move(options.cookies);
  request.digest = std::move(options.digest);
  request.body = std::move(options.body);
  request.body_parts = std::move(options.body_parts);
  if (request.body.empty() && options.json) {
    request.body = *std::move(options.json);
    for (const char* name : {"Content-Type", "Accept"}) {
      if (!has(request.headers, name)) request.headers.push_back({name, "application/json"});
    }
  }
  request.timeout = options.timeout;
  request.allow_redirects = options.allow_redirects;
  request.max_redirects = options.max_redirects;
  request.keep_headers = options.keep_headers;
  request.keep_body = options.keep_body;
  request.keep_begin = options.keep_begin;
  request.route = std::move(options.route);
  name_ = options.name.empty() ? std::string(url) : std::move(options.name);
  record_ = options.record;
}

}  // namespace locust::worker
