// UserPool: turns absolute targets ("5 of ShopUser") into users that start and stop
// (runners.py WorkerRunner.start_worker, Runner.spawn_users, Runner.stop_users).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/scheduler.h"
#include "common/stats/stats.h"
#include "common/stats/user_counts.h"
#include "worker/http/engine.h"
#include "worker/loop/user_deadlines.h"
#include "worker/user/fiber_stacks.h"
#include "worker/user/user.h"
#include "worker/user/user_class.h"

namespace locust::worker {

struct Target {
  // Absolute. Classes not named keep their users, negative counts act as 0, unknown classes are
  // left out.
  UserCounts user_classes_count{};
  Duration stop_timeout{};  // how long users that are asked to stop may finish their task
  std::string host{};       // if not empty, every class's host from now on
  // Users of the whole test when its ramp is over, if the master sends it.
  std::optional<std::int64_t> users_of_test{};
};

// Used on the worker's loop thread; owns the users with their stacks, the loop's statistics and the
// random generator. All work happens in turns of the scheduler, a slice per turn, so that 10,000
// starts or stops delay other users by at most a few milliseconds; set_target() and stop_all() only
// record the order.
//
// Users that are asked to stop count as present until they are gone. If a new target needs their
// places, its users are started when they leave. Users that end by themselves are not replaced, as
// in stock.
//
// A user that is still in a task at the end of its stop timeout is killed and then has kOnStopGrace
// for on_stop, like every user stopped with stop timeout 0. A user that is in on_stop at that time
// is cut off.
class UserPool {
 public:
  static constexpr Duration kOnStopGrace = std::chrono::seconds(7);  // of Worker::kUsersGrace
  static constexpr int kUsersPerTurn = 100;
  static constexpr Duration kTurnLength = std::chrono::milliseconds(5);

  using TargetReached = std::function<void(const UserCounts&)>;

  // `scheduler` and `engine` must outlive the pool.
  UserPool(Scheduler& scheduler, HttpEngine& engine, std::vector<UserClass> classes,
           UserEvents events, std::uint64_t seed);
  // Ends every user by UserKilled; waits in on_stop are cut off.
  ~UserPool();
  UserPool(const UserPool&) = delete;
  UserPool& operator=(const UserPool&) = delete;

  // Starts missing users, then stops surplus ones, then calls `reached` with the counts of all
  // classes, unless a newer target or stop_all() came before. Must not be called between stop_all()
  // and its `stopped`.
  void set_target(Target target, TargetReached reached);
  // Stops every user. `stopped` is called when all are gone; each of several calls gets its own
  // callback, and the shortest timeout wins.
  void stop_all(Duration stop_timeout, std::function<void()> stopped);

  // How many tasks the users together may start from now on; nullopt: unlimited. When all have
  // started, users end after their task, and no user is started.
  void limit_tasks(std::optional<std::uint64_t> tasks) { allowance_.set(tasks); }
  // The number of tasks that have started since the last call.
  std::uint64_t take_tasks_begun() { return allowance_.take_begun(); }

  // The last target, and the number of users of the whole test, if the master sent it.
  const UserCounts& target() const { return target_; }
  std::optional<std::int64_t> users_of_test() const { return users_of_test_; }
  void set_users_of_test(std::optional<std::int64_t> users) { users_of_test_ = users; }

  // Sets the base URL of users of this class that start from now on.
  void set_host(const std::string& class_name, std::string host);

  // Users present per class, in the order of the classes, including zeros and users that are still
  // stopping.
  UserCounts user_classes_count() const;
  std::int64_t user_count() const { return static_cast<std::int64_t>(users_.size()); }

  RequestStats& stats() { return stats_; }
  const std::vector<UserClass>& classes() const { return classes_; }

 private:
  struct Member;
  struct ClassState {
    std::int64_t present = 0;     // all of its users, including those asked to stop
    std::vector<Member*> active;  // its users not asked to stop; the newest last
    std::int64_t to_start = 0;    // immediately
    std::int64_t to_replace = 0;  // one for each stopping user that leaves
  };

  void schedule_turn();
  void turn();
  bool do_one();
  std::unique_ptr<UserCarrier> make_carrier(std::size_t class_index, std::function<void()> ended);
  void start_one(std::size_t class_index);
  void stop_one(Member& member);
  void cut_one(Member& member);
  void leave_active(Member& member);
  void kill(Member& member);
  void end(Member& member);
  void set_deadline(Member& member, TimePoint deadline);
  void clear_order(Duration stop_timeout);
  void finish_order();

  Scheduler& scheduler_;
  HttpEngine& engine_;
  std::vector<UserClass> classes_;
  UserEvents events_;
  RequestStats stats_;
  Rng rng_;
  FiberStacks stacks_;
  TaskAllowance allowance_;

  UserCounts target_;
  std::optional<std::int64_t> users_of_test_;

  // The last order and its remaining work.
  std::vector<ClassState> states_;  // parallel to classes_
  std::deque<std::uint64_t> to_stop_;
  Duration stop_timeout_{};
  bool overdue_logged_ = false;
  TargetReached reached_;
  std::vector<std::function<void()>> stopped_;

  std::unordered_map<std::uint64_t, std::unique_ptr<Member>> users_;
  std::vector<std::unique_ptr<Member>> ended_;  // to be destroyed in a later turn
  UserDeadlines deadlines_;                     // of users asked to stop
  std::uint64_t next_user_id_ = 0;
  std::uint64_t cancelled_requests_ = 0;  // by kills, since they were last logged
  TimerId turn_timer_ = 0;
};

}  // namespace locust::worker
