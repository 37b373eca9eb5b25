// UsersDispatcher: computes how many users of which class each worker runs, step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/scenario/load_shape.h"
#include "master/cluster/kl_sequence.h"
#include "master/cluster/worker_cycle.h"

namespace locust::master {

// A user class for the dispatcher. A class with a fixed_count has that many users, which are
// started before all others; the rest are divided by weight.
struct DispatchClass {
  std::string name;
  double weight = 1;  // finite; without a positive weight or a fixed_count it gets no users
  int fixed_count = 0;
};

// A worker to dispatch to, with the names of the user classes it has loaded; unset: all of them.
struct DispatchWorker {
  std::string id;
  std::optional<std::vector<std::string>> loaded_classes = std::nullopt;
};

// Computes the same as stock's UsersDispatcher (dispatch.py, 2.47.0), with its names. Pure: it
// neither waits nor sends, and has no clock. Owned by the master, on the control thread.
//
// new_dispatch() begins a cycle, a ramp from the users there are to the target. Each next() is one
// iteration of it; class_names(), worker_id(), counts() … then describe what the workers are to
// run, and stay as they are until the following next() or new_dispatch(). A new cycle may start at
// any point; it continues from what was dispatched.
//
// Workers may join and leave at any time. Users are then redistributed, as if all of them were
// started from zero. The result is a separate iteration that starts no users: the next one of the
// cycle in progress, otherwise the first one of the next cycle. It is computed only then, so a
// burst of joins costs one redistribution. Outside a cycle (dispatch_in_progress() is false) the
// caller starts one with its current target; unlike in stock, the flag is false again after such a
// cycle, so each join can be handled in the same way (docs/protocol.md §10.3).
//
// Workers may have different classes, unlike in stock: see WorkerCycle. Classes that no worker has
// get no users, and classes_without_worker() lists them.
class UsersDispatcher {
 public:
  // The maximum users of a test. Each takes some bytes of memory.
  static constexpr int kMaxUsers = 10'000'000;

  // Class names are distinct, worker ids too. Both may be empty; then nothing is started.
  UsersDispatcher(std::vector<DispatchWorker> workers, std::vector<DispatchClass> user_classes);

  // Begins a cycle to `target_user_count` users (negative: 0) at `spawn_rate` users per second,
  // which must be positive. `user_classes`: names of those that new users are picked from; unset
  // keeps the selection, at first all classes. Users of other classes stay until a ramp-down
  // reaches them or users are redistributed.
  void new_dispatch(int target_user_count, double spawn_rate,
                    const std::optional<std::vector<std::string>>& user_classes = std::nullopt);

  // From now on each of the named classes has exactly that many users, and all others have none.
  // unset: weights and fixed counts again. Takes effect with the next new_dispatch(), whose cycle
  // stops and starts as many users per iteration as it does otherwise, both at the same time, until
  // every class has its number; its target is their sum. Unknown names are ignored.
  void set_class_counts(const std::optional<std::vector<ClassCount>>& counts);

  // Computes the cycle's next iteration. Returns false, without effect, if the cycle is over (or
  // none has started). A cycle whose target is met already has one iteration with unchanged
  // numbers; one that runs out of users to start (only fixed counts selected) ends below its
  // target.
  bool next();

  // Whether the cycle has users left to start or stop. After the iteration that completes the ramp
  // it is false, though next() still returns a redistribution if a worker comes or goes after that.
  bool dispatch_in_progress() const { return phase_ != Phase::kOver && !ramp_complete(); }

  // max(1, floor(spawn_rate)) users per iteration, and the time these take at that rate.
  int user_count_per_dispatch_iteration() const { return user_count_per_dispatch_iteration_; }
  Duration wait_between_dispatch() const { return wait_between_dispatch_; }
  // The time from the start of the last iteration to the next one: wait_between_dispatch(), but
  // zero after a redistribution and after the ramp's last iteration.
  Duration wait_before_next() const;

  int target_user_count() const { return target_user_count_; }

  // Adds a worker. One with a known id replaces the old one and its classes, in the same position.
  void add_worker(std::string id,
                  std::optional<std::vector<std::string>> loaded_classes = std::nullopt);
  // Removes a worker. When the last one is removed, its users remain counted until others join.
  void remove_worker(std::string_view id);

  // The dispatched counts: a row per worker in order of dispatch, a column per class sorted by
  // name. The sender of counts(row) must include only classes that the worker has loaded
  // (docs/protocol.md §9).
  const std::vector<std::string>& class_names() const { return class_names_; }
  std::size_t worker_count() const { return rows_.size(); }
  const std::string& worker_id(std::size_t row) const { return rows_[row].id; }
  std::span<const std::int32_t> counts(std::size_t row) const;
  bool has_loaded(std::size_t row, std::size_t column) const;
  int dispatched_user_count() const { return dispatched_user_count_; }
  // Summed over the workers, a number per column.
  std::span<const std::int32_t> class_counts() const { return class_counts_; }

  // The selected classes (sorted, including unknown names) that no current worker has.
  std::vector<std::string> classes_without_worker() const;

 private:
  // Where the last next() stopped in the cycle: the yields of stock's generator.
  enum class Phase {
    kBegun,                 // nothing yielded so far
    kRedistributed,         // a redistribution opened the cycle
    kUnchanged,             // the target was met from the start: that one iteration
    kStepped,               // users were started or stopped
    kSteppedRedistributed,  // and a redistribution followed
    kOver,
  };
  struct Row {
    std::string id;
    std::uint32_t class_set;  // index in class_sets_
  };
  struct FreeMemory {
    void operator()(void* memory) const { std::free(memory); }
  };
  struct ActiveUser {
    std::uint32_t row;
    std::uint32_t column;
  };

  bool ramp_complete() const;
  bool at_target() const;
  bool redistribution_step(Phase then);
  bool ramp_step();
  bool end_cycle();

  void add_users_on_workers(int step);
  void remove_users_from_workers();
  void stop_surplus_users();
  void forget_user(ActiveUser user);
  bool start_user();
  int fixed_count(std::uint32_t column) const;
  // Users above and below the numbers of set_class_counts, without classes that no worker has.
  int surplus() const;
  int missing() const;
  std::optional<std::uint32_t> next_user();
  void begin_fixed_batch();
  void restart_users();

  // The current workers: rows_ unless some joined or left since the last distribution.
  const std::vector<Row>& workers() const { return changed_workers_ ? *changed_workers_ : rows_; }
  std::vector<Row>& change_workers();
  static void sort_for_dispatch(std::vector<Row>& workers);
  void redistribute_if_due();
  void reset_counts();
  std::uint32_t class_set(const std::optional<std::vector<std::string>>& loaded_classes);
  std::optional<std::uint32_t> column_of(std::string_view name) const;
  void select(const std::vector<std::string>& names);

  // The classes, by column.
  std::vector<DispatchClass> user_classes_;
  std::vector<std::string> class_names_;
  std::vector<std::uint32_t> selection_;  // columns, sorted
  std::vector<std::string> unknown_selected_;
  std::optional<std::vector<int>> class_targets_;  // by column; see set_class_counts

  std::vector<ClassSet> class_sets_;  // distinct; the first has every class

  // What is dispatched. Invariant: dispatched_user_count_ = sum(class_counts_) = sum(counts_) =
  // active_users_.size().
  std::vector<Row> rows_;  // in order of dispatch
  // Row by row. A million numbers or more, in memory that the system zeroes on first access:
  // writing the zeros would be most of the cost of a new dispatcher.
  std::unique_ptr<std::int32_t[], FreeMemory> counts_;
  std::vector<std::int32_t> class_counts_;
  std::vector<ActiveUser> active_users_;  // in order of start; the last is the first to go
  int dispatched_user_count_ = 0;

  // The cycle.
  Phase phase_ = Phase::kOver;
  int target_user_count_ = 0;
  int user_count_per_dispatch_iteration_ = 1;
  Duration wait_between_dispatch_{};
  // The user count of the cycle. It exceeds dispatched_user_count_ if a redistribution within the
  // cycle found too few users to start, until the next cycle, as in stock.
  int current_user_count_ = 0;
  bool no_user_to_spawn_ = false;

  // The next class, and the next worker.
  KlSequence weighted_users_;
  KlSequence fixed_users_;
  std::int64_t fixed_users_left_ = 0;  // of the running batch
  bool try_dispatch_fixed_ = true;
  WorkerCycle worker_cycle_;

  bool rebalance_ = false;                           // the next iteration is a redistribution
  bool redistribution_due_ = false;                  // it has not been computed yet
  std::optional<std::vector<Row>> changed_workers_;  // in order of dispatch
};

}  // namespace locust::master
