// UserContext: the only place where a user blocks. HttpSession, User and TaskSet are straight-line
// code on top of it and do not know how stacks are switched.
#pragma once

#include <deque>
#include <vector>

#include "common/base/clock.h"
#include "worker/http/engine.h"
#include "worker/user/gate.h"

namespace locust::worker {

// Thrown by wait() and sleep() when the user is killed (gevent's GreenletExit). Not derived from
// std::exception, so that a task that catches exceptions does not swallow it; code that catches
// everything must rethrow it.
struct UserKilled {};

// One request to wait for. Both must outlive the wait and be on the heap, not on the user's stack.
struct HttpWait {
  HttpClient& client;
  Exchange& exchange;
};

// Several requests in flight at the same time. Must outlive all of them and be on the heap.
struct HttpWaits {
  HttpClient& client;
  std::vector<Exchange*> to_start{};   // sent by the next wait_any
  std::vector<Exchange*> in_flight{};  // maintained by the context
  std::deque<Exchange*> done{};        // complete, for the user to take
};

// Where a user waits. Called on the user's own stack; returns when the loop has finished the wait.
// Throws UserKilled if the user was killed meanwhile: once per kill, so on_stop may wait again.
// FiberContext implements it on the worker's loop, tests/fakes/fake_user_context.h without
// switching.
class UserContext {
 public:
  // Sends w.exchange.request and fills w.exchange.response. After UserKilled the exchange is no
  // longer in flight and its response is undefined.
  virtual void wait(HttpWait& w) = 0;
  // Starts w.to_start and returns when w.done is not empty; the others stay in flight, also during
  // other waits of the user. After UserKilled none is in flight any more.
  virtual void wait_any(HttpWaits& w) = 0;
  // If `d` is zero or less, lets every other user run once.
  virtual void sleep(Duration d) = 0;
  // Waits until the gate is open.
  virtual void wait(Gate& gate) = 0;
  virtual const Clock& clock() const = 0;

 protected:
  ~UserContext() = default;
};

}  // namespace locust::worker
