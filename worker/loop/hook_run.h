// HookRun: runs test_start or test_stop once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/scheduler.h"
#include "common/stats/stats.h"
#include "worker/http/engine.h"
#include "worker/user/fiber_stacks.h"
#include "worker/user/user_carrier.h"
#include "worker/user/user_class.h"

namespace locust::worker {

// Runs one user of `hook` on its own stack, outside of the pool and the statistics. Used on the
// worker's loop. `scheduler`, `engine` and `hook` must outlive it.
class HookRun {
 public:
  struct Failure {
    std::string message;
    std::string traceback;
  };
  // Called once, in a separate turn, so it may destroy the hook. nullopt for success. Failures are
  // exceptions and failed requests, which are not visible elsewhere.
  using Done = std::function<void(std::optional<Failure>)>;

  HookRun(Scheduler& scheduler, HttpEngine& engine, const UserClass& hook, const std::string& host,
          std::uint64_t seed, Done done);
  ~HookRun();
  HookRun(const HookRun&) = delete;
  HookRun& operator=(const HookRun&) = delete;

  // Ends it as a failure if it still runs `limit` from now; of several limits the shortest wins.
  void cut_after(Duration limit);

 private:
  void cut();
  void ended();
  std::optional<Failure> failure() const;

  Scheduler& scheduler_;
  const UserClass& hook_;
  const std::string host_;
  Done done_;
  FiberStacks stacks_;
  RequestStats stats_;
  Rng rng_;
  UserEvents events_;
  std::optional<Failure> exception_;
  bool was_cut_ = false;
  std::optional<TimePoint> deadline_;
  TimerId cut_timer_ = 0;
  TimerId done_timer_ = 0;
  std::unique_ptr<User> user_;
  std::unique_ptr<UserCarrier> carrier_;  // last: unwinds the stack while the user still exists
};

}  // namespace locust::worker
