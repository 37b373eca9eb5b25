// Rollout: starts and stops the users of a test on the workers, ramp by ramp (runners.py
// MasterRunner.start).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/scheduler.h"
#include "master/cluster/dispatcher.h"
#include "master/cluster/master_events.h"
#include "master/cluster/paced_spread.h"
#include "master/cluster/send_to_worker.h"
#include "master/cluster/spawn_orders.h"
#include "master/cluster/user_classes.h"
#include "master/cluster/worker_losses.h"
#include "master/cluster/worker_registry.h"

namespace locust::master {

// LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP: seconds, or "n * WORKER_REPORT_INTERVAL".
Result<Duration> report_wait_from(std::string_view text);

// clang-format off
// phase    | command or event                               | next
// ---------+------------------------------------------------+---------------------------------------
// idle,    | ramp                                           | spawning; first step to the workers
// spawning,|                                                |
// running  |                                                |
// spawning | time of the next step                          | spawning; the step to the workers
//          | last step sent, and the workers have reported  | running; `spawning_complete` to the
//          |   all users, or report_wait later              |   workers
//          | a worker joins or leaves                       | spawning; part of the next step
// running  | a worker joins, leaves or is given up          | spawning, towards the same target
// any      | end                                            | idle
// clang-format on
//
// Control thread. All arguments of the constructor must outlive it. A redistribution is a message
// to every worker, so when many workers join or leave at once, the first causes one and the others
// share one.
class Rollout {
 public:
  enum class Phase { kIdle, kSpawning, kRunning };

  struct Options {
    Duration report_wait = std::chrono::seconds(1);
    // kRebalance: users move between workers no faster than the spawn rate.
    OnWorkerLoss on_worker_loss = OnWorkerLoss::kContinue;
    bool enable_rebalancing = false;  // users of a missing worker are started on the others at once
    SpawnOrders::Options orders = {};
  };
  // `ramp_over` is called when a ramp is over, before the workers and `events` are notified of it.
  Rollout(Scheduler& scheduler, WorkerRegistry& registry, const UserClassCatalog& catalog,
          EventSubscribers& events, SendToWorker send, std::function<void()> ramp_over,
          Options options);
  ~Rollout();
  Rollout(const Rollout&) = delete;
  Rollout& operator=(const Rollout&) = delete;

  // --- A test: aim(), begin_test() unless one is running, ramp(); then end().
  // Sets the target of the next ramp; see Master::start. Returns false, and logs why, if a ramp is
  // impossible.
  bool aim(std::int64_t user_count, double spawn_rate,
           const std::optional<std::vector<ClassCount>>& class_counts,
           const std::optional<std::vector<std::string>>& classes);
  // Divides what is fixed for the test among the workers: rows of feeders, iterations.
  void begin_test();
  void ramp();
  void end();
  // Why a ramp to that many users is impossible now; nullopt if it is possible.
  std::optional<std::string> obstacle(std::int64_t user_count) const;

  Phase phase() const { return phase_; }
  bool in_test() const { return phase_ != Phase::kIdle; }
  // A ramp has a step to come.
  bool dispatching() const { return step_timer_ != 0; }

  // --- Workers.
  // The worker can take users from now on.
  void add(const WorkerNode& worker);
  // It cannot take users any longer. The users of a missing worker may still be running.
  void remove(const WorkerNode& worker);
  void forget_users(const WorkerNode& worker);
  // Makes the workers run what is dispatched.
  void redistribute();
  // Call after workers went missing: redistributes if their users are to move at once.
  void redistribute_if_rebalancing();
  // The catalog has learned a class that the test did not have.
  void class_learned() { classes_learned_ = true; }
  // The catalog describes its classes anew: a test that is about to start has those.
  void classes_described();
  // The worker registered again during the test. It may have run its share of the iterations.
  void worker_starts_anew(const std::string& id) { orders_.iteration_limit().take_back(id); }
  // Call after reports arrived: ends the ramp if all users are reported.
  void check_all_spawned();
  // The number of users in its last order. Call during a test only.
  std::int64_t users_of(const WorkerNode& worker) const;

  // --- State.
  // Whether all users have ended by themselves and none is to start. False if a worker is missing.
  bool users_gone() const;
  // Whether any user was to run in the current test, or the last one.
  bool users_asked_for() const { return users_asked_for_; }
  std::int64_t target_user_count() const { return target_user_count_; }
  // Users of each class at the end of the last ramp (MasterRunner.target_user_classes_count).
  const UserCounts& target_user_classes_count() const { return target_user_classes_count_; }
  double spawn_rate() const { return spawn_rate_; }
  SpawnOrders& orders() { return orders_; }
  const SpawnOrders& orders() const { return orders_; }

 private:
  enum class Reports { kAllIn, kLate };

  bool make_dispatcher();
  void renew_dispatcher();
  std::vector<DispatchWorker> dispatch_workers() const;
  std::set<std::string> loaded_classes() const;
  std::string no_worker_has(const std::vector<std::string>& classes) const;
  void warn_of_assumed_weights() const;
  void share_iterations();
  void begin_cycle();
  void dispatch_step();
  bool next_step();
  void send_spawn(std::size_t row);
  std::span<const std::int32_t> counts(std::size_t row) const;
  void await_reports();
  void note_target();
  void complete_spawning(Reports reports);
  void redistribute_now();

  Scheduler& scheduler_;
  WorkerRegistry& registry_;
  const UserClassCatalog& catalog_;
  EventSubscribers& events_;
  SendToWorker send_;
  std::function<void()> ramp_over_;
  const Duration report_wait_;
  const bool rebalances_;
  SpawnOrders orders_;

  Phase phase_ = Phase::kIdle;
  bool users_asked_for_ = false;
  std::int64_t target_user_count_ = 0;
  UserCounts target_user_classes_count_;
  double spawn_rate_ = 0;
  std::optional<std::vector<ClassCount>> class_counts_;
  std::optional<std::vector<std::string>> classes_of_new_users_;  // nullopt: all

  std::optional<UsersDispatcher> dispatcher_;
  bool classes_learned_ = false;      // since it was made
  std::optional<PacedSpread> paced_;  // with OnWorkerLoss::kRebalance only
  bool redistribute_again_ = false;   // a worker joined or left while it was behind
  TimePoint redistributed_at_{};      // when users were last redistributed
  TimerId redistribute_timer_ = 0;
  TimerId step_timer_ = 0;
  TimerId report_timer_ = 0;  // set while the last reports of a ramp are awaited
};

}  // namespace locust::master
