// HttpCache: the browser cache of one user (a private cache by RFC 9111).
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// Keeps responses to GET with status 200, with bodies only if the request keeps its body. Freshness
// follows Cache-Control's max-age, Expires, or a tenth of the time since Last-Modified, as in
// browsers; no-cache and stale responses are validated by ETag and Last-Modified. Bounded: the
// least recently used response is evicted first.
class HttpCache {
 public:
  static constexpr std::size_t kMaxEntries = 1000;
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

  // Call before sending. Returns true if `response` was filled from the cache and nothing must be
  // sent. Otherwise it may add validators to the request and sets its keep_headers.
  bool serve(HttpRequest& request, HttpResponse& response, TimePoint now);
  // Call after a response: stores it, or replaces a 304 by the response that it confirms, with
  // status 200 and the content_length of the confirmed body. `wall_time` is in seconds.
  void take(const HttpRequest& request, HttpResponse& response, TimePoint now, double wall_time);
  void clear();

 private:
  struct Entry {
    std::string url;
    HttpResponse response;
    bool has_body = false;
    HttpHeaders varies;  // the request's values of the headers that Vary names
    TimePoint fresh_until{};
    std::string etag;
    std::string last_modified;
    std::size_t bytes() const {
      return url.size() + response.headers.size() + response.body.size();
    }
  };
  using Entries = std::list<Entry>;  // the most recently used first

  Entry* find(const HttpRequest& request);
  void erase(const std::string& url);

  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_url_;
  std::size_t bytes_ = 0;
};

}  // namespace locust::worker
