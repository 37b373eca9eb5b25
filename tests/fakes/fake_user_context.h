// A user context that switches nothing: requests are answered from a script, sleeps move a clock.
#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "tests/fakes/simulated_loop.h"
#include "worker/user/user_context.h"

namespace locust::fakes {

// Answers each request with the next scripted response, or with `respond` when the script is used
// up; a response takes its response_time on the clock. Keeps what was asked.
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

  void sleep(Duration d) override {
    throw_if_killed();
    sleeps.push_back(d);
    if (d > Duration::zero()) manual_clock.advance(d);
    throw_if_killed();
  }

  // The gate opens when everybody waits, which is at once.
  void wait(worker::Gate& gate) override {
    throw_if_killed();
    if (!gate.is_open()) ++gate_waits;
    throw_if_killed();
  }

  const Clock& clock() const override { return manual_clock; }

  // The wait that passes this point in time throws UserKilled, once.
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

 private:
  void throw_if_killed() {
    if (manual_clock.now() < kill_at_) return;
    kill_at_ = TimePoint::max();
    throw worker::UserKilled{};
  }

  TimePoint kill_at_ = TimePoint::max();
};

}  // namespace locust::fakes
