#include "master/cluster/master.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "proto/codec.h"

namespace locust::master {

std::string_view to_string(MasterState state) {
  switch (state) {
    case MasterState::kReady:
      return "ready";
    case MasterState::kSpawning:
      return "spawning";
    case MasterState::kRunning:
      return "running";
    case MasterState::kStopping:
      return "stopping";
    case MasterState::kStopped:
      return "stopped";
  }
  return "";
}

Master::Master(Scheduler& scheduler, proto::MasterTransport& transport, UserClassCatalog catalog,
               MasterConfig config)
    : transport_(transport),
      clock_(scheduler.clock()),
      catalog_(std::move(catalog)),
      classes_(std::move(config.classes)),
      wanted_exit_(config.as_one_process ? WantedExit::Workers::kCount
                                         : WantedExit::Workers::kDoNotCount),
      bad_message_limit_(scheduler.clock()),
      presence_(scheduler, clock_, transport, [this] { tick(); }),
      results_(clock_, presence_.registry(),
               {.files = std::move(config.files),
                .percentiles = std::move(config.percentiles),
                .reset_stats = config.reset_stats}),
      rollout_(
          scheduler, presence_.registry(), catalog_, events_,
          [this](const std::string& id, proto::Payload payload) { send(id, std::move(payload)); },
          [this] { ramp_is_over(); },
          {.report_wait = config.report_wait,
           .on_worker_loss = config.on_worker_loss,
           .enable_rebalancing = config.enable_rebalancing,
           .orders = {.host = std::move(config.host),
                      .stop_timeout = config.stop_timeout,
                      .parsed_options = std::move(config.parsed_options),
                      .iterations = config.iterations,
                      .as_one_process = config.as_one_process}}),
      shutdown_(
          scheduler, presence_.registry(),
          [this](const std::string& id, proto::Payload payload) { send(id, std::move(payload)); },
          seconds(config.stop_timeout),
          {.is_behind = [this] { return presence_.is_behind(); },
           .stopped = [this] { test_is_over(); },
           .quit = [this] { finish_quit(); }}),
      locustfiles_(transport, std::move(config.locustfile),
                   config.is_scenario ? LocustfileServer::Kind::kScenario
                                      : LocustfileServer::Kind::kLocustfile) {
  transport_.on_message([this](std::string_view identity, std::string_view payload) {
    handle_message(identity, payload);
  });
  transport_.on_error([this](const std::string& identity, const std::string& what) {
    log_bad_message(identity, what);
  });
}

Master::~Master() {
  transport_.on_message({});
  transport_.on_error({});
}

void Master::send(const std::string& id, proto::Payload payload) {
  transport_.send(id, proto::encode({std::move(payload), id}));
}

MasterState Master::state() const {
  switch (rollout_.phase()) {
    case Rollout::Phase::kSpawning:
      return MasterState::kSpawning;
    case Rollout::Phase::kRunning:
      return MasterState::kRunning;
    case Rollout::Phase::kIdle:
      break;
  }
  switch (shutdown_.phase()) {
    case Shutdown::Phase::kIdle:
      return MasterState::kReady;
    case Shutdown::Phase::kStopping:
    case Shutdown::Phase::kQuitting:
      return MasterState::kStopping;
    case Shutdown::Phase::kStopped:
    case Shutdown::Phase::kQuit:
      break;
  }
  return MasterState::kStopped;
}

// ---- The test ----

void Master::start(std::int64_t user_count, double spawn_rate,
                   const std::optional<std::vector<ClassCount>>& class_counts,
                   const std::optional<std::vector<std::string>>& classes) {
  const bool is_starting = notified_ == Notified::kRestarting || notified_ == Notified::kStarting ||
                           notified_ == Notified::kAbandoned;
  if (quitting() || is_starting) return;
  if (!rollout_.aim(user_count, spawn_rate, class_counts, classes)) return;
  if (!in_test()) {
    if (!begin_test()) return;
    shutdown_.begin_test();
  }
  rollout_.ramp();
}

std::optional<std::string> Master::obstacle(std::int64_t user_count) const {
  return rollout_.obstacle(user_count);
}

// Returns false if a subscriber has ended it.
bool Master::begin_test() {
  if (std::exchange(notified_, Notified::kRestarting) != Notified::kNothing) {
    events_.notify(&MasterEvents::on_test_stop);
    if (notified_ != Notified::kRestarting) return false;  // the subscriber has quit
  }
  presence_.begin_test();
  rollout_.begin_test();
  results_.begin_test();
  notified_ = Notified::kStarting;
  events_.notify(&MasterEvents::on_test_start);
  const bool goes_on = notified_ == Notified::kStarting;
  if (goes_on || notified_ == Notified::kAbandoned) notified_ = Notified::kStart;
  return goes_on;
}

void Master::set_stop_timeout(double timeout) {
  rollout_.orders().set_stop_timeout(timeout);
  shutdown_.set_stop_timeout(seconds(timeout));
}

void Master::abandon_start() {
  if (notified_ == Notified::kStarting) notified_ = Notified::kAbandoned;
}

void Master::ramp_is_over() {
  if (!results_.resets_after_ramp()) return;
  log::runners().info("Resetting stats");
  events_.notify(&MasterEvents::on_before_stats_reset);
  results_.reset_statistics();
}

void Master::reset_stats() {
  events_.notify(&MasterEvents::on_before_stats_reset);
  results_.reset();
  events_.notify(&MasterEvents::on_stats_reset);
}

void Master::stop() {
  abandon_start();
  if (!in_test()) return;
  end_test();
  shutdown_.stop();
}

void Master::quit() {
  if (quitting()) return shutdown_.finish();
  end_test();
  shutdown_.quit();
}

// A subscriber that is notified of it may stop or quit as well.
void Master::end_test() {
  if (notified_ == Notified::kRestarting) notified_ = Notified::kNothing;
  if (notified_ != Notified::kNothing && notified_ != Notified::kStopping) {
    notified_ = Notified::kStopping;
    events_.notify(&MasterEvents::on_test_stopping);
  }
  rollout_.end();
}

void Master::test_is_over() {
  if (std::exchange(notified_, Notified::kNothing) != Notified::kNothing) {
    events_.notify(&MasterEvents::on_test_stop);
  }
}

void Master::finish_quit() {
  test_is_over();
  events_.notify(&MasterEvents::on_quitting);
  if (stats().errors().empty() && !has_exceptions()) wanted_exit_.end_without_failures();
  events_.notify(&MasterEvents::on_quit_complete);
}

bool Master::was_silent() const {
  return !in_test() && rollout_.users_asked_for() && results_.nothing_happened() &&
         undelivered().empty();
}

std::vector<MissingReport> Master::undelivered() const {
  return quitting() ? results_.undelivered() : std::vector<MissingReport>();
}

SnapshotPtr Master::snapshot() const {
  auto snapshot = std::make_shared<Snapshot>();
  results_.fill(*snapshot);
  snapshot->state = to_string(state());
  snapshot->user_count = registry().user_count();
  snapshot->user_classes_count = registry().user_classes_count();
  for (const WorkerNode* worker : registry().present())
    snapshot->workers.push_back(view_of(*worker));
  return snapshot;
}

// ---- Workers that join and leave ----

void Master::tick() {
  locustfiles_.begin_second();
  look_for_missing();
  if (in_test()) presence_.look_for_clock_step();
  presence_.assume_classes(
      catalog_.classes().empty() ? Presence::ClassNames::kNone : Presence::ClassNames::kSome,
      [this](WorkerNode& worker) { include(worker); });
  shutdown_.repeat_quit();
  shutdown_.check();
}

void Master::look_for_missing() {
  const auto [missing, gone] = presence_.judge_silence();
  for (WorkerNode* worker : missing) {
    log::runners().info("Worker {} failed to send heartbeat, setting state to missing.",
                        worker->id);
    note_loss(*worker, WorkerLoss::Kind::kMissing);
    exclude(*worker);
  }
  if (!missing.empty()) {
    rollout_.redistribute_if_rebalancing();
    check_last_worker("went missing");
  }
  // The other workers get the users of a worker that is given up. The dispatcher removed it when it
  // went missing, so no worker's users dip, whereas stock starts again from zero here
  // (docs/protocol.md §10.1).
  for (const WorkerNode* worker : gone) rollout_.forget_users(*worker);
  if (!gone.empty()) rollout_.redistribute();
}

// A worker can take users from now on.
void Master::include(WorkerNode& worker) {
  results_.worker_returned(worker);
  rollout_.add(worker);
  events_.notify(&MasterEvents::on_workers_changed);
}

void Master::exclude(const WorkerNode& worker) {
  rollout_.remove(worker);
  events_.notify(&MasterEvents::on_workers_changed);
}

// Call before an active worker is excluded.
void Master::note_loss(const WorkerNode& worker, WorkerLoss::Kind how) {
  if (!in_test() || !worker.classes_known()) return;
  const WorkerLoss& loss = results_.add_loss(worker, how, rollout_.users_of(worker));
  if (how != WorkerLoss::Kind::kMissing) rollout_.forget_users(worker);
  events_.notify(&MasterEvents::on_worker_loss, loss);
}

void Master::check_last_worker(std::string_view how) {
  if (registry().active_count() > 0) return;
  if (in_test() || quitting()) log::runners().info("The last worker {}, stopping test.", how);
  stop();
  if (!quitting()) events_.notify(&MasterEvents::on_last_worker_gone);
}

std::size_t Master::usable_ready_count() const {
  std::size_t count = 0;
  for (const WorkerNode* worker : registry().active()) {
    if (worker->state() == WorkerState::kReady && worker->classes_known()) ++count;
  }
  return count;
}

WorkerView Master::view_of(const WorkerNode& worker) const {
  return {worker.id,
          worker.index,
          std::string(to_string(worker.state())),
          worker.user_count(),
          worker.cpu_usage,
          worker.memory_usage,
          presence_.clock_ahead(worker),
          worker.is_native,
          worker.loop_lag_ms,
          worker.limits};
}

// ---- Commands that send messages ----

void Master::describe_classes(const std::vector<DispatchClass>& classes) {
  if (catalog_.describe(classes)) rollout_.classes_described();
}

bool Master::update_user_class(proto::UpdateUserClass update) {
  const proto::Value* weight = proto::find(update.attributes, "weight");
  const proto::Value* fixed_count = proto::find(update.attributes, "fixed_count");
  const auto count = fixed_count == nullptr ? std::nullopt : fixed_count->to_int();
  if (!catalog_.configure({.user_class_name = update.user_class_name,
                           .weight = weight == nullptr ? std::nullopt : weight->to_double(),
                           .fixed_count = count ? std::optional(static_cast<int>(
                                                      std::clamp<std::int64_t>(*count, 0, 1 << 30)))
                                                : std::nullopt})) {
    return false;
  }
  if (const proto::Value* tasks = proto::find(update.attributes, "tasks")) {
    classes_.choose_tasks(update.user_class_name, *tasks);
  }
  for (const WorkerNode* worker : registry().present()) send(worker->id, update);
  events_.notify(&MasterEvents::on_class_updated, update);
  return true;
}

void Master::register_message(const std::string& type, CustomHandler handler) {
  custom_handlers_[type] = std::move(handler);
}

void Master::send_message(const std::string& type, const proto::Value& data,
                          const std::string& id) {
  for (const WorkerNode* worker : registry().present()) {
    if (id.empty() || id == worker->id) send(worker->id, proto::Custom{type, data});
  }
}

}  // namespace locust::master
