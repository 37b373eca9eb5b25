// A fake HTTP engine that sends nothing: it completes each exchange after a simulated delay.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/scheduler.h"
#include "worker/http/engine.h"

namespace locust::fakes {

// Calls `respond` for the response when a request starts, and completes it response_time later on
// the scheduler.
class FakeHttpEngine final : public worker::HttpEngine {
 public:
  explicit FakeHttpEngine(Scheduler& scheduler) : scheduler_(scheduler) {}

  std::unique_ptr<worker::HttpClient> new_client() override {
    ++clients_created;
    return std::make_unique<Client>(*this);
  }

  void start(worker::HttpClient&, worker::Exchange& exchange, Completion on_done) override {
    ++started;
    exchange.response = respond(exchange.request);
    const TimerId timer = scheduler_.call_after(exchange.response.response_time,
                                                [this, &exchange, done = std::move(on_done)] {
                                                  in_flight_.erase(&exchange);
                                                  done();
                                                });
    in_flight_.emplace(&exchange, timer);
  }

  void cancel(worker::Exchange& exchange) override {
    const auto found = in_flight_.find(&exchange);
    if (found == in_flight_.end()) return;
    scheduler_.cancel(found->second);
    in_flight_.erase(found);
    ++cancelled;
  }

  std::size_t in_flight() const { return in_flight_.size(); }

  std::function<worker::HttpResponse(const worker::HttpRequest&)> respond =
      [](const worker::HttpRequest&) {
        worker::HttpResponse r;
        r.status = 200;
        return r;
      };
  int clients_created = 0;
  int started = 0;
  int cancelled = 0;
  std::vector<std::string> cookie_changes;  // "http://host name=value", "… name=(removed)", "reset"
  std::vector<worker::KeptCookie> kept_cookies;  // of all clients

 private:
  class Client final : public worker::HttpClient {
   public:
    explicit Client(FakeHttpEngine& engine) : engine_(engine) {}
    void set_cookie(const std::string& host, bool secure,
                    const worker::HttpCookie& cookie) override {
      engine_.cookie_changes.push_back((secure ? "https://" : "http://") + host + " " +
                                       cookie.name + "=" + cookie.value.value_or("(removed)"));
    }
    void reset() override { engine_.cookie_changes.emplace_back("reset"); }
    std::vector<worker::KeptCookie> cookies() override { return engine_.kept_cookies; }
    bool keep_cookie(const worker::KeptCookie& cookie) override {
      if (cookie.value.find(';') != std::string::npos) return false;
      std::erase_if(engine_.kept_cookies, [&](const worker::KeptCookie& kept) {
        return kept.domain == cookie.domain && kept.path == cookie.path && kept.name == cookie.name;
      });
      if (cookie.expires != 1) engine_.kept_cookies.push_back(cookie);
      return true;
    }
    void clear_cookies() override { engine_.kept_cookies.clear(); }

   private:
    FakeHttpEngine& engine_;
  };

  Scheduler& scheduler_;
  std::map<worker::Exchange*, TimerId> in_flight_;
};

}  // namespace locust::fakes
