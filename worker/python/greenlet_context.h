// GreenletContext and GreenletCarrier: the waits of users in Python, on the worker's loop.
#pragma once

#include <functional>
#include <memory>

#include "common/python/hub.h"
#include "worker/user/user_carrier.h"

namespace locust::worker {

// One for all users of a loop: it parks the greenlet that runs, be it a user's or one that a user
// spawned. On the loop's own stack, where nothing can be parked, it must not be asked to wait.
//
// UserKilled comes out of a wait for whatever ended it; what is to be raised in its place, such as a
// gevent.Timeout, is the hub's to say (Hub::raise).
class GreenletContext final : public UserContext {
 public:
  // Both outlive it.
  GreenletContext(python::Hub& hub, HttpEngine& engine) : hub_(hub), engine_(engine) {}

  void wait(HttpWait& w) override;
  void sleep(Duration d) override;
  // Only the steps of a scenario send requests together and wait for all users: bugs.
  [[noreturn]] void wait_any(HttpWaits& w) override;
  [[noreturn]] void wait(Gate& gate) override;
  const Clock& clock() const override { return hub_.scheduler().clock(); }

  python::Hub& hub() const { return hub_; }
  // Requests cancelled in flight, so far.
  int cancelled() const { return cancelled_; }

 private:
  python::Hub& hub_;
  HttpEngine& engine_;
  HttpClient* client_ = nullptr;  // of the request that is about to begin
  int cancelled_ = 0;
};

class GreenletCarrier final : public UserCarrier {
 public:
  // `context` outlives it; `ended` as in MakeCarrier.
  GreenletCarrier(GreenletContext& context, std::function<void()> ended)
      : context_(context), ended_(std::move(ended)) {}

  UserContext& context() override { return context_; }
  void start(std::function<void()> body) override;
  int kill() override;
  int abandon() override;
  bool done() const override { return greenlet_ == nullptr || greenlet_->done(); }

 private:
  GreenletContext& context_;
  std::function<void()> ended_;
  std::unique_ptr<python::Greenlet> greenlet_;
};

}  // namespace locust::worker
