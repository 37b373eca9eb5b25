// Scheduler: the timers of one thread. State machines (Master, Worker, UserPool, HttpEngine) see
// only this interface; EventLoop implements it on the real clock, tests/fakes/simulated_loop.h in
// simulated time.
#pragma once

#include <cstdint>
#include <functional>

#include "common/base/clock.h"

namespace locust {

// Identifies a pending timer. Zero is no timer.
using TimerId = std::uint64_t;

// Not thread-safe: call it only from the thread that runs it. Timers due at the same time fire in
// order of creation. A timer fires once. A callback may add and cancel timers, including its own.
class Scheduler {
 public:
  virtual const Clock& clock() const = 0;
  // A deadline in the past fires in the next turn, never inside this call.
  virtual TimerId call_at(TimePoint deadline, std::function<void()> fn) = 0;
  // Unknown, fired and zero ids are ignored.
  virtual void cancel(TimerId id) = 0;

  TimerId call_after(Duration delay, std::function<void()> fn) {
    return call_at(clock().now() + delay, std::move(fn));
  }

 protected:
  ~Scheduler() = default;
};

}  // namespace locust
