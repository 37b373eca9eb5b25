#include "worker/http/http_cache.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "worker/http/header_name.h"

namespace locust::worker {
namespace {

constexpr double kHeuristicShare = 0.1;
constexpr double kLongestFreshness = 365.0 * 24 * 3600;  // seconds

std::string_view value_of(const HttpHeaders& headers, std::string_view name) {
  for (const HttpHeader& header : headers)
    if (same_name(header.name, name)) return header.value;
  return {};
}

// Calls `visit(name, value)` for each "name" or "name=value" between commas.
template <typename Visit>
void each_item(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    const auto begin = item.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    item = item.substr(begin, item.find_last_not_of(" \t") - begin + 1);
    const auto equals = item.find('=');
    visit(item.substr(0, equals),
          equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1));
  }
}

struct CacheControl {
  bool no_store = false;
  bool no_cache = false;
  std::optional<double> max_age;  // seconds
};

double number(std::string_view text) {
  if (!text.empty() && text.front() == '"') text.remove_prefix(1);
  return std::strtod(std::string(text).c_str(), nullptr);
}

CacheControl parse_cache_control(std::string_view text) {
  CacheControl control;
  each_item(text, [&](std::string_view name, std::string_view value) {
    control.no_store |= same_name(name, "no-store");
    control.no_cache |= same_name(name, "no-cache");
    if (same_name(name, "max-age")) control.max_age = number(value);
  });
  return control;
}

// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT"; nullopt if it is not a date.
std::optional<double> parse_date(std::string_view text) {
  std::tm tm{};
  if (::strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S", &tm) == nullptr)
    return std::nullopt;
  return static_cast<double>(::timegm(&tm));
}

std::string_view header(const HttpResponse& response, std::string_view name) {
  return response.header(name).value_or(std::string_view());
}

// For how many seconds the response is fresh; zero or less if it must be validated.
double freshness(const HttpResponse& response, const CacheControl& control, double wall_time) {
  if (control.no_cache) return 0;
  const double age = number(header(response, "Age"));
  if (control.max_age) return *control.max_age - age;
  const double date = parse_date(header(response, "Date")).value_or(wall_time);
  if (response.header("Expires"))
    return parse_date(header(response, "Expires")).value_or(date) - date - age;
  const auto modified = parse_date(header(response, "Last-Modified"));
  return modified ? (date - *modified) * kHeuristicShare - age : 0;
}

// Whether the request itself asks for something other than the plain resource.
bool bypasses(const HttpRequest& request) {
  for (const std::string_view name :
       {"Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"})
    if (!value_of(request.headers, name).empty()) return true;
  const CacheControl control = parse_cache_control(value_of(request.headers, "Cache-Control"));
  return control.no_cache || control.no_store || control.max_age == 0;
}

}  // namespace

// Returns the entry that answers this request; null if there is none.
HttpCache::Entry* HttpCache::find(const HttpRequest& request) {
  const auto found = by_url_.find(request.url);
  if (found == by_url_.end()) return nullptr;
  Entry& entry = *found->second;
  for (const HttpHeader& varied : entry.varies)
    if (value_of(request.headers, varied.name) != varied.value) return nullptr;
  if (request.keep_body && !entry.has_body) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entry;
}

bool HttpCache::serve(HttpRequest& request, HttpResponse& response, TimePoint now) {
  if (request.method != "GET" || bypasses(request)) return false;
  request.keep_headers = true;
  const Entry* entry = find(request);
  if (entry == nullptr) return false;
  if (now < entry->fresh_until) {
    response = entry->response;
    return true;
  }
  if (!entry->etag.empty()) request.headers.push_back({"If-None-Match", entry->etag});
  if (!entry->last_modified.empty())
    request.headers.push_back({"If-Modified-Since", entry->last_modified});
  return false;
}

void HttpCache::take(const HttpRequest& request, HttpResponse& response, TimePoint now,
                     double wall_time) {
  if (response.failed()) return;
  if (request.method != "GET") {
    // An unsafe method invalidates the stored response (RFC 9111, 4.4).
    const bool safe = request.method == "HEAD" || request.method == "OPTIONS";
    if (!safe && response.status < 400) erase(request.url);
    return;
  }
  if (response.redirects > 0) return;
  Entry entry;
  if (response.status == 304) {
    Entry* known = find(request);
    if (known == nullptr) return;
    const CacheControl control = parse_cache_control(header(response, "Cache-Control"));
    known->fresh_until =
        now + seconds(std::clamp(freshness(response, control, wall_time), 0.0, kLongestFreshness));
    const Duration response_time = response.response_time;
    const HttpPhases phases = response.phases;
    response = known->response;
    response.response_time = response_time;
    response.phases = phases;
    return;
  }
  if (response.status != 200 || !value_of(request.headers, "Range").empty()) return;
  erase(request.url);
  const CacheControl control = parse_cache_control(header(response, "Cache-Control"));
  bool varies_by_all = false;
  each_item(header(response, "Vary"), [&](std::string_view name, std::string_view) {
    varies_by_all |= name == "*";
    entry.varies.push_back({std::string(name), std::string(value_of(request.headers, name))});
  });
  if (control.no_store || varies_by_all) return;
  const double fresh = freshness(response, control, wall_time);
  entry.etag = header(response, "ETag");
  entry.last_modified = header(response, "Last-Modified");
  if (fresh <= 0 && entry.etag.empty() && entry.last_modified.empty()) return;
  entry.url = request.url;
  entry.fresh_until = now + seconds(std::clamp(fresh, 0.0, kLongestFreshness));
  entry.has_body = request.keep_body;
  entry.response = response;
  entry.response.response_time = Duration::zero();
  entry.response.phases = {};
  if (entry.bytes() > kMaxBytes) return;
  bytes_ += entry.bytes();
  entries_.push_front(std::move(entry));
  by_url_[request.url] = entries_.begin();
  while (bytes_ > kMaxBytes || entries_.size() > kMaxEntries) erase(entries_.back().url);
}

void HttpCache::erase(const std::string& url) {
  const auto found = by_url_.find(url);
  if (found == by_url_.end()) return;
  const Entries::iterator entry = found->second;
  bytes_ -= entry->bytes();
  by_url_.erase(found);
  entries_.erase(entry);
}

void HttpCache::clear() {
  by_url_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace locust::worker
