// GreenletContext and GreenletCarrier: let Python users wait on the worker's loop.
#pragma once

#include <functional>
#include <memory>

#include "common/python/hub.h"
#include "worker/user/user_carrier.h"

namespace locust::worker {

// Shared by all users of a loop. A wait parks the running greenlet: a user's, or one that a user
// spawned. Waiting is not allowed on the loop's own stack, where nothing can be parked.
//
// A wait that is ended throws UserKilled, whatever ended it. Hub::raise() sets the Python exception
// to raise in its place, for example a gevent.Timeout.
class GreenletContext final : public UserContext {
 public:
  // `hub` and `engine` must outlive it.
  GreenletContext(python::Hub& hub, HttpEngine& engine) : hub_(hub), engine_(engine) {}

  void wait(HttpWait& w) override;
  void sleep(Duration d) override;
  // Never called: only the steps of a scenario send requests in parallel or wait for all users.
  [[noreturn]] void wait_any(HttpWaits& w) override;
  [[noreturn]] void wait(Gate& gate) override;
  const Clock& clock() const override { return hub_.scheduler().clock(); }

  python::Hub& hub() const { return hub_; }
  // The number of requests that were cancelled in flight.
  int cancelled() const { return cancelled_; }

 private:
  python::Hub& hub_;
  HttpEngine& engine_;
  HttpClient* client_ = nullptr;  // of the request that is about to start
  int cancelled_ = 0;
};

class GreenletCarrier final : public UserCarrier {
 public:
  // `context` must outlive it. `ended` is called as described at MakeCarrier.
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
