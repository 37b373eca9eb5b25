// UserCarrier: provides a user's own stack.
#pragma once

#include <functional>
#include <memory>

#include "worker/user/user_context.h"

namespace locust::worker {

// FiberContext for users in C++, GreenletCarrier (worker/python) for those in Python. The pool
// calls everything except the context, on the loop's own stack.
class UserCarrier {
 public:
  // abandon()
  virtual ~UserCarrier() = default;

  // Where the user waits.
  virtual UserContext& context() = 0;
  // Runs `body` until its first wait.
  virtual void start(std::function<void()> body) = 0;
  // Ends the open wait: the body continues with UserKilled and runs until its next wait or its end.
  // Returns how many requests in flight were cancelled.
  virtual int kill() = 0;
  // Ends the open wait and the body: every wait throws UserKilled until the body has ended. Returns
  // the same as kill().
  virtual int abandon() = 0;
  // Not started, ended or abandoned.
  virtual bool done() const = 0;
};

// `ended` is called from the loop when the body has ended by itself, i.e. within a wake-up, not
// within start(), kill() or abandon(); it must not destroy the carrier (do that in a later turn).
using MakeCarrier = std::function<std::unique_ptr<UserCarrier>(std::function<void()> ended)>;

}  // namespace locust::worker
