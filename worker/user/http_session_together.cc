#include "worker/user/http_session_together.h"

#include <algorithm>
#include <utility>

#include "worker/http/url.h"

namespace locust::worker {

void HttpSession::send_together(std::vector<Request> requests, int per_host) {
  if (unlogged_) finish(default_failure());
  together_ =
      std::make_unique<Together>(Together{.waits = {.client = *client_}, .per_host = per_host});
  for (Request& request : requests) {
    fill_request(std::move(request.method), request.url, std::move(request.options));
    std::string host(origin_prefix(exchange_->request.url));
    (serve_from_cache() ? together_->served : together_->unsent).push_back(together_->items.size());
    together_->items.push_back({std::exchange(exchange_, std::make_unique<Exchange>()),
                                std::move(name_), record_, std::move(host)});
  }
}

std::optional<std::size_t> HttpSession::next_response() {
  if (unlogged_) finish(default_failure());
  Together& t = *together_;
  // Requests to a busy host keep their place.
  std::erase_if(t.unsent, [this, &t](std::size_t i) {
    Together::Item& item = t.items[i];
    int& busy = t.in_flight[item.host];
    if (busy >= t.per_host) return false;
    ++busy;
    t.index[item.exchange.get()] = i;
    announce(*item.exchange);
    t.waits.to_start.push_back(item.exchange.get());
    return true;
  });
  if (!t.served.empty()) {
    const std::size_t i = t.served.front();
    t.served.pop_front();
    exchange_ = std::move(t.items[i].exchange);
    name_ = std::move(t.items[i].name);
    return i;
  }
  if (t.index.empty()) {
    exchange_ = std::make_unique<Exchange>();
    return std::nullopt;
  }
  context_.wait_any(t.waits);
  Exchange* const done = t.waits.done.front();
  t.waits.done.pop_front();
  const std::size_t i = t.index.extract(done).mapped();
  Together::Item& item = t.items[i];
  --t.in_flight[item.host];
  exchange_ = std::move(item.exchange);
  name_ = std::move(item.name);
  record_ = item.record;
  responded();
  return i;
}

void HttpSession::end_together() { together_.reset(); }

}  // namespace locust::worker
