// The part of Master that knows who is there: missing, lost and returning workers, and what becomes
// of their users (runners.py MasterRunner.heartbeat_worker).

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/base/utf8.h"
#include "master/cluster/master.h"

namespace locust::master {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);  // runners.py HEARTBEAT_INTERVAL
constexpr Duration kLeastBetweenRedistributions = std::chrono::milliseconds(100);
constexpr Duration kBetweenRedistributionsPerWorker = std::chrono::milliseconds(1);
constexpr double kLeastClockStep = 1;  // seconds
constexpr double kAtOnce = 1e9;        // users per second
constexpr int kSecondsBehindForWarning = 3;
constexpr int kMaxSecondsBehind = 30;
constexpr int kSecondsUntilClassesAreAssumed = 4;
// Longer where nobody has named a class so far: a worker that does would be enough.
constexpr int kSecondsUntilClassesAreGivenUp = 15;
constexpr std::size_t kMaxHeldUpByBytes = 500;

}  // namespace

void Master::schedule_tick() {
  tick_timer_ = scheduler_.call_after(kTick, [this] { tick(); });
}

void Master::tick() {
  schedule_tick();
  locustfile_replies_ = 0;
  if (may_judge_silence()) look_for_missing();
  look_for_clock_step();
  assume_classes_of_silent_workers();
  repeat_quit();
  check_stopped();
  check_quit();
}

// A master that cannot keep up with reading hears nobody in time. It must not take that for their
// silence, but a flood must not keep it from seeing who is missing for ever either.
bool Master::may_judge_silence() {
  if (transport_.caught_up()) {
    seconds_behind_ = 0;
    return true;
  }
  if (++seconds_behind_ == kSecondsBehindForWarning) {
    log::runners().warn(
        "The master does not keep up with reading its workers' messages; nobody is taken for "
        "missing for the next {} seconds",
        kMaxSecondsBehind - kSecondsBehindForWarning);
  }
  return seconds_behind_ > kMaxSecondsBehind;
}

void Master::look_for_clock_step() {
  const double step = clock_.drift() - reported_drift_;
  if (!in_test() || std::abs(step) < kLeastClockStep) return;
  reported_drift_ += step;
  log::runners().warn(
      "The clock of this machine was set {:.1f} s {} during the test. The test's times go on as "
      "before",
      std::abs(step), step > 0 ? "forward" : "back");
}

void Master::look_for_missing() {
  const auto [missing, gone] = registry_.tick();
  for (Worker* worker : missing) {
    log::runners().info("Worker {} failed to send heartbeat, setting state to missing.",
                        worker->id);
    note_loss(*worker, WorkerLoss::Kind::kMissing);
    exclude(*worker);
  }
  if (!missing.empty()) {
    if (config_.enable_rebalancing || paced_) redistribute();
    check_last_worker("went missing");
  }
  // The users of a worker given up for lost go to the others. The dispatcher has forgotten it
  // already when it went missing, so nobody's users dip, whereas stock starts again from zero here
  // (§10.1).
  for (const Worker* worker : gone) forget_users(*worker);
  if (!gone.empty()) redistribute();
}

// Some workers report only in a test (boomer).
void Master::assume_classes_of_silent_workers() {
  const bool any_named = !catalog_.classes().empty();
  for (Worker* worker : registry_.active()) {
    if (worker->classes_known()) continue;
    ++worker->seconds_without_report;
    if (!any_named && worker->seconds_without_report == kSecondsUntilClassesAreAssumed) {
      log::runners().warn(
          "Worker {} has not reported its user classes, and nobody else has named any. Waiting {} "
          "s more for them; a scenario given with -f would name them.",
          worker->id, kSecondsUntilClassesAreGivenUp - kSecondsUntilClassesAreAssumed);
    }
    if (worker->seconds_without_report <
        (any_named ? kSecondsUntilClassesAreAssumed : kSecondsUntilClassesAreGivenUp)) {
      continue;
    }
    log::runners().warn(
        "Worker {} has not reported its user classes; assuming that it has them all.", worker->id);
    worker->classes_assumed = true;
    include(*worker);
  }
}

// A worker can take users from now on.
void Master::include(Worker& worker) {
  losses_.returned(worker.id, scheduler_.clock().now());
  if (dispatcher_) {
    if (classes_learned_) {
      renew_dispatcher();
    } else {
      dispatcher_->add_worker(worker.id, worker.loaded_classes);
    }
    redistribute();
  }
  events_.notify(&MasterEvents::on_workers_changed);
}

// A worker brought classes that the test did not have. Its users are distributed as if the test had
// had them from the start.
void Master::renew_dispatcher() {
  const int users = dispatcher_->dispatched_user_count();
  warn_of_assumed_weights();
  dispatcher_.emplace(dispatch_workers(), catalog_.classes());
  classes_learned_ = false;
  dispatcher_->new_dispatch(users, kAtOnce, classes_of_new_users_);
  while (dispatcher_->next()) {
  }
  begin_cycle();  // a ramp in progress goes on with its next step
}

void Master::exclude(const Worker& worker) {
  if (dispatcher_) dispatcher_->remove_worker(worker.id);
  events_.notify(&MasterEvents::on_workers_changed);
}

// Called before the worker is excluded, if it was active.
void Master::note_loss(const Worker& worker, WorkerLoss::Kind how) {
  if (!in_test() || quitting_ || !worker.classes_known()) return;
  std::int64_t users = 0;
  for (std::size_t row = 0; row < dispatcher_->worker_count(); ++row) {
    if (dispatcher_->worker_id(row) != worker.id) continue;
    const auto counts = paced_ ? paced_->counts(worker.id) : dispatcher_->counts(row);
    users = std::accumulate(counts.begin(), counts.end(), users);
  }
  const WorkerLoss& loss = losses_.add(
      {.id = worker.id, .index = worker.index, .kind = how, .after = {}, .users = users},
      scheduler_.clock().now());
  if (how != WorkerLoss::Kind::kMissing) forget_users(worker);
  if (config_.on_worker_loss != OnWorkerLoss::kFail) return;
  log::runners().error("Worker {}: ending the test (--on-worker-loss fail)", loss.to_text());
  events_.notify(&MasterEvents::on_worker_loss);
}

// Whatever else becomes of the test, its figures lack what this worker measured last.
void Master::note_unfinished(Worker& worker, std::string_view held_up_by) {
  if (!worker.in_test || std::exchange(worker.unfinished, true)) return;
  MissingReport missing = missing_report(worker);
  append_printable(missing.held_up_by, cut_utf8(held_up_by, kMaxHeldUpByBytes));
  log::runners().warn(
      "A worker ends without its last report, because its users did not stop in time: {}",
      missing.to_text());
  ++unfinished_count_;
  if (unfinished_.size() < kMaxUnfinished) unfinished_.push_back(std::move(missing));
}

MissingReport Master::missing_report(const Worker& worker) const {
  MissingReport missing{.id = worker.id, .index = worker.index, .since_report = std::nullopt};
  if (worker.reported_at) missing.since_report = scheduler_.clock().now() - *worker.reported_at;
  return missing;
}

void Master::forget_users(const Worker& worker) {
  if (paced_) paced_->forget(worker.id);
}

// Brings what the workers run in line with the dispatcher, unless a ramp in progress does so with
// its next step. Every redistribution is a message to every worker, so of a crowd that joins or
// leaves together the first causes one at once and the others share one.
void Master::redistribute() {
  if (!in_test() || quitting_ || redistribute_timer_ != 0) return;
  if (dispatching()) {
    redistribute_again_ = paced_ && paced_->behind();
    return;
  }
  const auto workers = static_cast<std::int64_t>(registry_.active_count());
  const TimePoint due = redistributed_at_ + std::max(kLeastBetweenRedistributions,
                                                     workers * kBetweenRedistributionsPerWorker);
  if (due <= scheduler_.clock().now()) {
    redistribute_now();
    return;
  }
  redistribute_timer_ = scheduler_.call_at(due, [this] {
    redistribute_timer_ = 0;
    if (!dispatching()) redistribute_now();
  });
}

void Master::redistribute_now() {
  if (registry_.active_count() == 0) return;
  redistributed_at_ = scheduler_.clock().now();
  start(target_user_count_, spawn_rate_, class_counts_);
}

void Master::check_last_worker(std::string_view how) {
  if (registry_.active_count() > 0) return;
  if (in_test() || quitting_) log::runners().info("The last worker {}, stopping test.", how);
  stop();
  if (!quitting_) events_.notify(&MasterEvents::on_last_worker_gone);
}

// After a report. Missing workers may have users yet, and those that are not running are about to.
void Master::check_users_gone() {
  if (state_ != MasterState::kRunning || registry_.user_count() > 0) return;
  if (!dispatcher_ || dispatcher_->dispatched_user_count() == 0 || redistribute_timer_ != 0) return;
  if (registry_.count(WorkerState::kMissing) > 0) return;
  if (registry_.count(WorkerState::kRunning) != registry_.active_count()) return;
  events_.notify(&MasterEvents::on_users_gone);
}

std::size_t Master::usable_ready_count() const {
  std::size_t count = 0;
  for (const Worker* worker : registry_.active()) {
    if (worker->state() == WorkerState::kReady && worker->classes_known()) ++count;
  }
  return count;
}

}  // namespace locust::master
