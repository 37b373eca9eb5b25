// The state of a session while it sends several requests in parallel.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "worker/user/http_session.h"

namespace locust::worker {

struct HttpSession::Together {
  struct Item {
    std::unique_ptr<Exchange> exchange;  // null once its response has been returned
    std::string name;
    bool record;
    std::string host;  // the URL up to the path
  };

  HttpWaits waits;
  int per_host;
  std::vector<Item> items{};
  std::deque<std::size_t> served{};                          // whose response the cache had
  std::deque<std::size_t> unsent{};                          // in order
  std::unordered_map<const Exchange*, std::size_t> index{};  // of those in flight
  std::unordered_map<std::string, int> in_flight{};          // by host
};

}  // namespace locust::worker
