// RunSession: a test on the worker's loop: test_start, users, test_stop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "worker/loop/hook_run.h"
#include "worker/loop/user_pool.h"
#include "worker/program.h"

namespace locust::worker {

// state    | input              | next     | what happens
// ---------+--------------------+----------+-----------------------------------------------------
// any      | begin              | begun    |
// begun    | target             | starting | test_start runs, the target waits; else running
// starting | target             | starting | replaces the waiting target
//          | test_start is over | running  | the waiting target goes to the pool
//          | test_start failed  | failed   | the waiting target goes to the pool without users
//          | stop_all           | starting | drops the target; test_start has kStopGrace or more
// running  | end                | ending   | test_stop runs; without one idle
// failed   | target             | failed   | the target goes to the pool without users
// others   | end                | idle     |
// ending   | test_stop is over  | idle     |
//
// Other inputs go to the pool unchanged. test_stop runs only after a successful test_start.
class RunSession {
 public:
  static constexpr Duration kStopGrace = UserPool::kOnStopGrace;

  using Failed = std::function<void(const HookRun::Failure&)>;

  // Used on the loop's thread. `scheduler`, `engine` and `pool` must outlive it.
  RunSession(Scheduler& scheduler, HttpEngine& engine, UserPool& pool, TestHooks hooks,
             std::uint64_t seed, Failed failed);

  void begin();
  void set_target(Target target, UserPool::TargetReached reached);
  void stop_all(Duration stop_timeout, std::function<void()> stopped);
  // Call after `stopped`. `limit` is the time for test_stop.
  void end(Duration limit, std::function<void()> ended);

 private:
  enum class State { kIdle, kBegun, kStarting, kRunning, kFailed, kEnding };
  struct Order {
    Target target;
    UserPool::TargetReached reached;
  };
  struct Stop {
    Duration stop_timeout;
    std::function<void()> stopped;
  };

  void run_hook(const UserClass& hook, HookRun::Done done);
  void started(const std::optional<HookRun::Failure>& failure);
  void stopped(const std::optional<HookRun::Failure>& failure);
  void pass_on(Order order);
  void refuse_hosts(Target& target);

  Scheduler& scheduler_;
  HttpEngine& engine_;
  UserPool& pool_;
  const TestHooks hooks_;
  std::uint64_t seed_;
  Failed failed_;

  State state_ = State::kIdle;
  std::string host_;               // of the master, for the hooks
  std::set<std::string> refused_;  // classes whose host problem was logged in this test
  std::unique_ptr<HookRun> hook_;
  std::optional<Order> waiting_;
  std::vector<Stop> stops_;  // wait for test_start
  std::vector<std::function<void()>> ends_;
};

}  // namespace locust::worker
