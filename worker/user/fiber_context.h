// FiberContext: a user's waits on a fiber and the worker's loop.
#pragma once

#include <functional>

#include "common/scheduler.h"
#include "worker/user/fiber.h"
#include "worker/user/user_context.h"

namespace locust::worker {

// wait() and sleep() are called by the user and only note what is asked and park; timers and
// requests are started on the loop's own stack afterwards. At most one wait is open at a time;
// requests of a wait_any may go on meanwhile.
class FiberContext final : public UserContext {
 public:
  // `scheduler`, `engine` and `stacks` outlive it. `ended` is called from the loop when the body
  // has ended by itself, i.e. within a wake-up, not within start(), kill() or abandon(); it must not destroy
  // the context (do that in a later turn).
  FiberContext(Scheduler& scheduler, HttpEngine& engine, FiberStacks& stacks,
               std::function<void()> ended);
  // abandon()
  ~FiberContext();
  FiberContext(const FiberContext&) = delete;
  FiberContext& operator=(const FiberContext&) = delete;

  // --- For the user, on its stack.
  void wait(HttpWait& w) override;
  void wait_any(HttpWaits& w) override;
  void sleep(Duration d) override;
  void wait(Gate& gate) override;
  const Clock& clock() const override { return scheduler_.clock(); }

  // --- For the pool, on the loop's stack.

  // Runs `body` until its first wait.
  void start(std::function<void()> body);
  // Ends the open wait: the body goes on with UserKilled and runs until its next wait or its end.
  // Returns how many requests in flight were cancelled.
  int kill();
  // Ends the open wait and the body: UserKilled comes out of every wait until it has ended. Returns
  // the same as kill().
  int abandon();
  // Not started, ended or abandoned.
  bool done() const { return fiber_ == nullptr || fiber_->done(); }

 private:
  enum class Wait { kNone, kSleep, kHttp, kHttpAny, kGate };

  void park(Wait wait);
  void run();
  void wake();
  int cancel_wait();
  void start_waits();
  void complete(HttpWaits& waits, Exchange& exchange);

  Scheduler& scheduler_;
  HttpEngine& engine_;
  FiberStacks& stacks_;
  std::function<void()> ended_;
  std::unique_ptr<Fiber> fiber_;
  Wait wait_ = Wait::kNone;  // what the parked body waits for
  TimerId timer_ = 0;
  TimePoint sleep_until_;
  HttpClient* client_ = nullptr;
  Exchange* exchange_ = nullptr;
  Gate* gate_ = nullptr;
  std::uint64_t gate_id_ = 0;   // 0: it has opened, and timer_ wakes the user
  HttpWaits* waits_ = nullptr;  // while some of its requests are in flight or to be started
  bool killed_ = false;
};

}  // namespace locust::worker
