// HttpCache: what one user's browser would keep of the responses it has seen (RFC 9111, a private
// cache).
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "worker/http/exchange.h"

namespace locust::worker {

// Keeps responses of status 200 to GET, bodies only of requests that keep theirs. Fresh by
// Cache-Control's max-age, Expires, or a tenth of the time since Last-Modified, as browsers do;
// no-cache and what has no longer a claim to be fresh is validated by ETag and Last-Modified.
// Bounded; what was not used for the longest time leaves first.
class HttpCache {
 public:
  static constexpr std::size_t kMaxEntries = 1000;
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

  // Before sending. True: the response is filled in from the cache and nothing is to be sent.
  // Otherwise the request may have been given validators, and keeps its headers.
  bool serve(HttpRequest& request, HttpResponse& response, TimePoint now);
  // After a response: keeps it, or puts what a 304 confirms in its place, with status 200. The
  // response's content_length is then that of the body it confirms. `wall_time` in seconds.
  void take(const HttpRequest& request, HttpResponse& response, TimePoint now, double wall_time);
  void clear();

 private:
  struct Entry {
    std::string url;
    HttpResponse response;
    bool has_body = false;
    HttpHeaders varies;  // the request's values of what Vary names
    TimePoint fresh_until{};
    std::string etag;
    std::string last_modified;
    std::size_t bytes() const {
      return url.size() + response.headers.size() + response.body.size();
    }
  };
  using Entries = std::list<Entry>;  // the last used first

  Entry* find(const HttpRequest& request);
  void erase(const std::string& url);

  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_url_;
  std::size_t bytes_ = 0;
};

}  // namespace locust::worker
