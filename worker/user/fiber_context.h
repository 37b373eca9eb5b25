// FiberContext: lets a user on a fiber wait on the worker's loop.
#pragma once

#include <functional>

#include "common/base/scheduler.h"
#include "worker/user/fiber.h"
#include "worker/user/user_carrier.h"
#include "worker/user/user_context.h"

namespace locust::worker {

// wait() and sleep() are called by the user; they only record the request and park. Timers and
// requests are then started on the loop's own stack. At most one wait is open at a time; requests
// of a wait_any may continue meanwhile.
class FiberContext final : public UserContext, public UserCarrier {
 public:
  // `scheduler`, `engine` and `stacks` must outlive it. `ended` is called as described at
  // MakeCarrier.
  FiberContext(Scheduler& scheduler, HttpEngine& engine, FiberStacks& stacks,
               std::function<void()> ended);
  // abandon()
  ~FiberContext() override;
  FiberContext(const FiberContext&) = delete;
  FiberContext& operator=(const FiberContext&) = delete;

  // --- Called by the user, on its stack.
  void wait(HttpWait& w) override;
  void wait_any(HttpWaits& w) override;
  void sleep(Duration d) override;
  void wait(Gate& gate) override;
  const Clock& clock() const override { return scheduler_.clock(); }

  // --- Called by the pool, on the loop's stack.
  UserContext& context() override { return *this; }
  void start(std::function<void()> body) override;
  int kill() override;
  int abandon() override;
  bool done() const override { return fiber_ == nullptr || fiber_->done(); }

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
  std::uint64_t gate_id_ = 0;   // 0: the gate is open, and timer_ wakes the user
  HttpWaits* waits_ = nullptr;  // while some of its requests are in flight or to be started
  bool killed_ = false;
};

}  // namespace locust::worker
