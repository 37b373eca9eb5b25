// A user context without stack switches: a script answers requests, and sleeps advance a clock.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "tests/fakes/simulated_loop.h"
#include "worker/user/user_context.h"

namespace locust::fakes {

// Answers each request with the next scripted response, or with `respond` when the script has
// ended. A response takes its response_time on the clock. Keeps the requests.
class FakeUserContext final : public worker::UserContext {
 public:
  void wait(worker::HttpWait& w) override {
    throw_if_killed();
    requests.push_back(w.exchange.request);
    if (responses.empty()) {
      w.exchange.response = respond(w.exchange.request);
    } else {
      w.exchange.response = std::move(responses.front());
      responses.pop_front();
    }
    manual_clock.advance(w.exchange.response.response_time);
    throw_if_killed();
  }

  // Completes the request with the shortest response_time and advances the clock to its end.
  void wait_any(worker::HttpWaits& w) override {
    throw_if_killed();
    for (worker::Exchange* exchange : std::exchange(w.to_start, {})) {
      requests.push_back(exchange->request);
      if (responses.empty()) {
        exchange->response = respond(exchange->request);
      } else {
        exchange->response = std::move(responses.front());
        responses.pop_front();
      }
      w.in_flight.push_back(exchange);
      ends_[exchange] = manual_clock.now() + exchange->response.response_time;
    }
    most_in_flight = std::max(most_in_flight, w.in_flight.size());
    if (!w.done.empty()) return;
    const auto first = std::min_element(
        w.in_flight.begin(), w.in_flight.end(),
        [this](worker::Exchange* a, worker::Exchange* b) { return ends_[a] < ends_[b]; });
    if (ends_[*first] > manual_clock.now())
      manual_clock.advance(ends_[*first] - manual_clock.now());
    throw_if_killed();
    w.done.push_back(*first);
    w.in_flight.erase(first);
  }

  void sleep(Duration d) override {
    throw_if_killed();
    sleeps.push_back(d);
    if (d > Duration::zero()) manual_clock.advance(d);
    throw_if_killed();
  }

  // The gate opens immediately, as if all users waited.
  void wait(worker::Gate& gate) override {
    throw_if_killed();
    if (!gate.is_open()) ++gate_waits;
    throw_if_killed();
  }

  const Clock& clock() const override { return manual_clock; }

  // The wait that reaches this time throws UserKilled, once.
  void kill_at(TimePoint at) { kill_at_ = at; }

  static worker::HttpResponse response(int status, std::string body = {}, double ms = 0) {
    worker::HttpResponse r;
    r.status = status;
    r.content_length = body.size();
    r.body = std::move(body);
    r.response_time = seconds(ms / 1000);
    return r;
  }

  int gate_waits = 0;
  ManualClock manual_clock;
  std::deque<worker::HttpResponse> responses;
  std::function<worker::HttpResponse(const worker::HttpRequest&)> respond =
      [](const worker::HttpRequest&) { return response(200); };
  std::vector<worker::HttpRequest> requests;
  std::vector<Duration> sleeps;
  std::size_t most_in_flight = 0;  // of parallel requests

 private:
  void throw_if_killed() {
    if (manual_clock.now() < kill_at_) return;
    kill_at_ = TimePoint::max();
    throw worker::UserKilled{};
  }

  TimePoint kill_at_ = TimePoint::max();
  std::map<worker::Exchange*, TimePoint> ends_;
};

}  // namespace locust::fakes
