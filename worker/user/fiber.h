// Fiber: a function with its own stack that can be parked and resumed.
#pragma once

#include <functional>
#include <memory>

#include "worker/user/fiber_stacks.h"
#include "worker/user/user_context.h"

namespace locust::worker {

// Boost.Context in normal builds, ucontext with the sanitizers' switch calls in sanitizer builds.
// The C++ runtime's exception state moves with the fiber, so it may park within a catch block.
// A fiber never moves to another thread.
class Fiber {
 public:
  // `body` runs on the fiber's stack from the first resume() on. It must let UserKilled pass and
  // throw nothing else. `stacks` must outlive the fiber.
  Fiber(FiberStacks& stacks, std::function<void()> body);
  // unwind()
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Call on the loop's stack: runs the body until it parks or ends.
  void resume();
  // Call on the loop's stack: ends a parked body by UserKilled, which park() throws now and
  // whenever the body parks again while it unwinds.
  void unwind();
  // Call from the body: returns control to resume().
  void park();
  bool done() const { return done_; }

 private:
  struct Machine;

  void enter();
  void switch_in();
  void switch_out();

  // libstdc++'s per-thread state of exceptions in flight (the __cxa_eh_globals of the C++
  // ABI).
  struct ExceptionState {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };
  void swap_exception_state();

  FiberStacks& stacks_;
  FiberStack stack_;
  std::function<void()> body_;
  std::unique_ptr<Machine> machine_;
  ExceptionState exception_state_;  // of the side that is not running
  bool started_ = false;
  bool done_ = false;
  bool unwinding_ = false;
};

}  // namespace locust::worker
