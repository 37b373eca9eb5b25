#include "master/cluster/master.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/stats/mask_stats.h"
#include "proto/codec.h"

namespace locust::master {
namespace {

// Names of classes come from workers, too.
template <typename Names>
std::string listed(const Names& names) {
  return printable(fmt::format("{}", fmt::join(names, ", ")));
}

constexpr Duration kWorkerReportInterval =
    std::chrono::seconds(3);  // runners.py WORKER_REPORT_INTERVAL
constexpr Duration kQuitRepeat = std::chrono::milliseconds(500);
constexpr int kQuitRepeats = 2;
constexpr int kExitUncaught = 2;  // main.py
constexpr double kHighSpawnRatePerWorker = 100;
constexpr double kClockStep = 1;  // seconds; what statistics count by

constexpr std::string_view kNoWorker =
    "You can't start a distributed test before at least one worker processes has connected";

std::string too_many_users(std::int64_t count) {
  return fmt::format("{} users are too many: a test has at most {}", count,
                     UsersDispatcher::kMaxUsers);
}

// {"Admin": 1, "Shop": 3} (4 total users)
template <typename Counts>
std::string format_user_classes_count(const Counts& counts) {
  std::string text = "{";
  std::int64_t total = 0;
  for (const auto& [name, count] : counts) {
    if (text.size() > 1) text += ", ";
    text += nlohmann::json(name).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) +
            ": " + std::to_string(count);
    total += count;
  }
  return text + "} (" + std::to_string(total) + " total users)";
}

}  // namespace

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

Result<Duration> report_wait_from(std::string_view text) {
  const Error invalid{"LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP: '" + std::string(text) +
                      "' is neither a number of seconds nor \"n * WORKER_REPORT_INTERVAL\""};
  double number = 0;
  const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || !std::isfinite(number) || number < 0) return invalid;
  std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (unit.empty()) return seconds(number);
  std::string compact;
  std::copy_if(unit.begin(), unit.end(), std::back_inserter(compact),
               [](char c) { return c != ' '; });
  if (compact != "*WORKER_REPORT_INTERVAL") return invalid;
  return seconds(number * to_seconds(kWorkerReportInterval));
}

Master::Master(Scheduler& scheduler, proto::MasterTransport& transport, UserClassCatalog catalog,
               MasterConfig config)
    : scheduler_(scheduler),
      clock_(scheduler.clock()),
      transport_(transport),
      catalog_(std::move(catalog)),
      config_(std::move(config)),
      stats_(clock_.wall_time()),
      file_comparison_(config_.files),
      iteration_limit_(config_.iterations),
      bad_message_limit_(scheduler.clock()) {
  if (config_.on_worker_loss == OnWorkerLoss::kRebalance) paced_.emplace();
  for (proto::ClassInfo& info : config_.classes) describe_class(std::move(info));
  transport_.on_message([this](std::string_view identity, std::string_view payload) {
    handle_message(identity, payload);
  });
  transport_.on_error([this](const std::string& identity, const std::string& what) {
    log_bad_message(identity, what);
  });
  schedule_tick();
}

Master::~Master() {
  for (const TimerId timer :
       {step_timer_, report_timer_, tick_timer_, stop_timer_, quit_timer_, redistribute_timer_}) {
    scheduler_.cancel(timer);
  }
  transport_.on_message({});
  transport_.on_error({});
}

void Master::send(const std::string& id, proto::Payload payload) {
  transport_.send(id, proto::encode({std::move(payload), id}));
}

// ---- The test ----

void Master::start(std::int64_t user_count, double spawn_rate,
                   const std::optional<std::vector<ClassCount>>& class_counts,
                   const std::optional<std::vector<std::string>>& classes) {
  if (quitting_) return;
  if (user_count > UsersDispatcher::kMaxUsers) {
    log::runners().error("{}", too_many_users(user_count));
    return;
  }
  target_user_count_ = std::max<std::int64_t>(user_count, 0);
  class_counts_ = class_counts;
  if (classes || !dispatcher_) classes_of_new_users_ = classes;
  const std::size_t workers = registry_.active_count();
  if (workers == 0) {
    log::runners().warn("{}", kNoWorker);
    return;
  }
  spawn_rate_ = spawn_rate;
  if (!dispatcher_ && !make_dispatcher()) return;

  log::runners().info("Sending spawn jobs of {} users at {:.2f} spawn rate to {} ready workers",
                      user_count, spawn_rate, workers);
  if (spawn_rate / static_cast<double>(workers) > kHighSpawnRatePerWorker) {
    log::runners().warn(
        "Your selected spawn rate is very high (>100/worker), and this is known to sometimes cause "
        "issues. Do you "
        "really need to ramp up that fast?");
  }
  if (!in_test() && !begin_test()) return;
  state_ = MasterState::kSpawning;
  awaiting_reports_ = false;
  scheduler_.cancel(std::exchange(step_timer_, 0));
  scheduler_.cancel(std::exchange(report_timer_, 0));
  begin_cycle();
  dispatch_step();
}

std::optional<std::string> Master::obstacle(std::int64_t user_count) const {
  if (user_count > UsersDispatcher::kMaxUsers) return too_many_users(user_count);
  if (registry_.active_count() == 0) return std::string(kNoWorker);
  if (dispatcher_) return std::nullopt;
  const std::vector<UserClass> classes = catalog_.classes();
  const auto nobody = UsersDispatcher(dispatch_workers(), classes).classes_without_worker();
  if (nobody.size() < classes.size()) return std::nullopt;
  return no_worker_has(nobody);
}

std::string Master::no_worker_has(const std::vector<std::string>& classes) const {
  return fmt::format("No worker has any of the user classes of this test: {}; they have: {}",
                     listed(classes), listed(loaded_classes()));
}

void Master::begin_cycle() {
  dispatcher_->set_class_counts(class_counts_);
  dispatcher_->new_dispatch(static_cast<int>(target_user_count_), spawn_rate_,
                            classes_of_new_users_);
}

std::set<std::string> Master::loaded_classes() const {
  std::set<std::string> names;
  for (const Worker* worker : registry_.active()) {
    if (worker->loaded_classes)
      names.insert(worker->loaded_classes->begin(), worker->loaded_classes->end());
  }
  return names;
}

std::vector<DispatchWorker> Master::dispatch_workers() const {
  std::vector<DispatchWorker> workers;
  for (const Worker* worker : registry_.active()) {
    if (worker->classes_known()) workers.push_back({worker->id, worker->loaded_classes});
  }
  return workers;
}

void Master::warn_of_assumed_weights() const {
  const auto assumed = catalog_.assumed_weights();
  if (assumed.empty()) return;
  log::runners().warn(
      "The weight of these user classes is not known, because only stock workers have them: {}. "
      "Assuming 1; set it with --config-users or give the master a scenario with -f.",
      listed(assumed));
}

bool Master::make_dispatcher() {
  const std::vector<UserClass> classes = catalog_.classes();
  if (classes.empty()) {
    log::runners().error("No User class found!");
    return false;
  }
  warn_of_assumed_weights();
  dispatcher_.emplace(dispatch_workers(), classes);
  classes_learned_ = false;
  const auto nobody = dispatcher_->classes_without_worker();
  if (nobody.size() == classes.size()) {
    log::runners().error("{}", no_worker_has(nobody));
    dispatcher_.reset();
    return false;
  }
  if (!nobody.empty()) {
    log::runners().warn("No worker has these user classes, so they are left out: {}",
                        listed(nobody));
  }
  return true;
}

// What was measured of the workers' clocks is by this one: it is measured anew if it was set.
void Master::synchronize_clock() {
  reported_drift_ = 0;
  if (std::abs(clock_.synchronize()) < kClockStep) return;
  for (Worker* worker : registry_.all()) worker->clock = ClockOffset();
}

// False: a subscriber has ended it.
bool Master::begin_test() {
  test_is_over();
  test_is_on_ = true;
  synchronize_clock();
  test_began_ = clock_.wall_time();
  stats_.clear_all(*test_began_);
  exceptions_.clear();
  exception_index_.clear();
  exceptions_bytes_ = 0;
  worker_cpu_warning_emitted_ = false;
  users_asked_for_ = false;
  tasks_begun_ = 0;
  generator_bound_.clear();
  losses_.begin_test(scheduler_.clock().now());
  unfinished_.clear();
  unfinished_count_ = 0;
  limit_warnings_.begin_test();
  feeder_shares_ = 1;
  for (Worker* worker : registry_.all()) {
    worker->in_test = false;
    worker->unfinished = false;
    worker->reported_at.reset();
    worker->cpu_warning_emitted = false;
    if (worker->state() != WorkerState::kGone) feeder_shares_ = worker->index + 1;
  }
  if (iteration_limit_.is_set()) share_iterations();
  file_comparison_.begin_test(std::as_const(registry_).present());
  if (file_comparison_.count() > 0) log::runners().warn("{}", file_comparison_.to_text());
  scheduler_.cancel(std::exchange(stop_timer_, 0));
  start_abandoned_ = false;
  events_.notify(&MasterEvents::on_test_start);
  return !start_abandoned_ && !quitting_;
}

// In proportion to the users that each worker has when the ramp is over.
void Master::share_iterations() {
  UsersDispatcher in_the_end(dispatch_workers(), catalog_.classes());
  const auto users = static_cast<int>(target_user_count_);
  in_the_end.set_class_counts(class_counts_);
  in_the_end.new_dispatch(users, std::max(users, 1), classes_of_new_users_);
  while (in_the_end.next()) {
  }
  std::vector<std::pair<std::string, std::int64_t>> users_of_ours;
  std::vector<std::string> unlimited;
  for (std::size_t row = 0; row < in_the_end.worker_count(); ++row) {
    const std::string& id = in_the_end.worker_id(row);
    const Worker* worker = registry_.find(id);
    if (worker == nullptr || !worker->is_native) {
      unlimited.push_back(id);
      continue;
    }
    const auto counts = in_the_end.counts(row);
    users_of_ours.emplace_back(id, std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  }
  iteration_limit_.share_out(users_of_ours);
  if (unlimited.empty()) return;
  log::runners().warn(
      "These workers do not know --iterations, which only locust-worker does, and run without "
      "limit: "
      "{}",
      listed(unlimited));
}

// Sends one iteration's absolute counts to every worker, then waits for the next one's time.
void Master::dispatch_step() {
  const TimePoint began = scheduler_.clock().now();
  step_timer_ = 0;
  while (next_step()) {
    users_asked_for_ |= dispatcher_->dispatched_user_count() > 0;
    for (std::size_t row = 0; row < dispatcher_->worker_count(); ++row) send_spawn(row);
    log::runners().debug("Sending spawn messages for {} total users to {} worker(s)",
                         dispatcher_->dispatched_user_count(), dispatcher_->worker_count());
    const bool keeps_pace =
        paced_ && paced_starts_ > 0 && (paced_->behind() || dispatcher_->dispatch_in_progress());
    const Duration wait =
        keeps_pace ? dispatcher_->wait_between_dispatch() : dispatcher_->wait_before_next();
    if (wait > Duration::zero()) {
      step_timer_ = scheduler_.call_at(began + wait, [this] { dispatch_step(); });
      return;
    }
  }
  await_reports();
}

// The next counts to send; false if the ramp is over.
bool Master::next_step() {
  if (!paced_) return dispatcher_->next();
  const bool again = std::exchange(redistribute_again_, false);
  if (again) begin_cycle();
  if ((again || !paced_->behind()) && !dispatcher_->next()) return false;
  paced_starts_ = paced_->approach(*dispatcher_, dispatcher_->user_count_per_dispatch_iteration());
  return true;
}

// A worker is told of every class it has loaded, zeros included, and of no other: an unknown name
// stalls it (§6).
void Master::send_spawn(std::size_t row) {
  const std::string& id = dispatcher_->worker_id(row);
  Worker* worker = registry_.find(id);
  if (worker == nullptr) return;
  std::map<std::string_view, std::int64_t> named;
  if (worker->loaded_classes) {
    for (const std::string& name : *worker->loaded_classes) named.emplace(name, 0);
  }
  const auto counts = paced_ ? paced_->counts(id) : dispatcher_->counts(row);
  for (std::size_t column = 0; column < counts.size(); ++column) {
    if (dispatcher_->has_loaded(row, column))
      named[dispatcher_->class_names()[column]] = counts[column];
  }
  proto::Spawn spawn;
  spawn.timestamp = next_spawn_timestamp(*worker);
  for (const auto& [name, count] : named) spawn.user_classes_count.emplace_back(name, count);
  spawn.host = config_.host;
  spawn.stop_timeout = config_.stop_timeout;
  spawn.parsed_options = config_.parsed_options;
  spawn.parsed_options.emplace_back("expect_workers", feeder_shares_);
  if (proto::Value::Map told = native_options(id); worker->is_native && !told.empty()) {
    spawn.extra.emplace_back(proto::kExtensionKey, std::move(told));
  }
  send(id, std::move(spawn));
}

// What a spawn message says to locust-workers beside stock's fields.
proto::Value::Map Master::native_options(const std::string& id) const {
  proto::Value::Map options;
  if (iteration_limit_.is_set()) options.emplace_back("iterations", iteration_limit_.share(id));
  if (const EvidenceLevel level = evidence_level(); level != EvidenceLevel::kFull) {
    options.emplace_back("evidence", std::string(name_of(level)));
  }
  // One process has all users of its test.
  if (config_.as_one_process && dispatcher_->worker_count() == 1) {
    options.emplace_back("users_of_test", target_user_count_);
  }
  return options;
}

// Strictly increasing even if the wall clock steps back, because workers discard what is not newer
// (§6). Stock workers compare with the orders of a master before this one too, whose clock may have
// been ahead of this machine's: as a rule it agreed with the worker's own. A report tells when the
// one before was sent, so that the worker's time may be two intervals later.
double Master::next_spawn_timestamp(Worker& worker) const {
  double timestamp = std::max(scheduler_.clock().wall_time(), worker.spawn_timestamp + 1e-6);
  if (worker.reported_time > timestamp) {
    timestamp = worker.reported_time + 2 * to_seconds(kWorkerReportInterval) + 1;
  }
  worker.spawn_timestamp = timestamp;
  return timestamp;
}

void Master::await_reports() {
  note_target();
  awaiting_reports_ = true;
  report_timer_ = scheduler_.call_after(config_.report_wait, [this] { complete_spawning(false); });
  check_all_spawned();
}

void Master::note_target() {
  const std::vector<std::string>& names = dispatcher_->class_names();
  target_user_classes_count_.clear();
  for (std::size_t column = 0; column < names.size(); ++column) {
    std::int64_t users = 0;
    for (std::size_t row = 0; row < dispatcher_->worker_count(); ++row) {
      users += dispatcher_->counts(row)[column];
    }
    target_user_classes_count_.emplace_back(names[column], users);
  }
}

void Master::check_all_spawned() {
  if (awaiting_reports_ && registry_.user_count() == dispatcher_->dispatched_user_count())
    complete_spawning(true);
}

void Master::complete_spawning(bool all_reported) {
  awaiting_reports_ = false;
  scheduler_.cancel(std::exchange(report_timer_, 0));
  state_ = MasterState::kRunning;
  if (config_.reset_stats) {
    log::runners().info("Resetting stats");
    events_.notify(&MasterEvents::on_before_stats_reset);
    stats_.reset_all(clock_.wall_time());
  }
  // Not to missing ones, unlike stock: what waits for one that has ended costs its last messages
  // (take_back). One that comes back is told after its redistribution.
  for (const Worker* worker : registry_.active()) {
    if (worker->understands(2, 29)) {
      send(worker->id, proto::MasterSpawningComplete{
                           .user_count = dispatcher_->dispatched_user_count(), .extra = {}});
    }
  }
  log::runners().info(
      "{}: {}",
      all_reported
          ? "All users spawned"
          : "Spawning is complete and report waittime is expired, but not all reports received "
            "from workers",
      format_user_classes_count(registry_.user_classes_count()));
  events_.notify(&MasterEvents::on_spawning_complete, registry_.user_count());
}

void Master::test_is_over() {
  if (std::exchange(test_is_on_, false)) events_.notify(&MasterEvents::on_test_stop);
}

void Master::end_test() {
  if (test_is_on_) events_.notify(&MasterEvents::on_test_stopping);
  state_ = MasterState::kStopping;
  awaiting_reports_ = false;
  dispatcher_.reset();
  if (paced_) paced_->clear();
  redistribute_again_ = false;
  scheduler_.cancel(std::exchange(redistribute_timer_, 0));
  scheduler_.cancel(std::exchange(step_timer_, 0));
  scheduler_.cancel(std::exchange(report_timer_, 0));
}

void Master::stop() {
  if (state_ != MasterState::kSpawning && state_ != MasterState::kRunning) return;
  end_test();
  for (Worker* worker : registry_.present()) {
    worker->stop_pending = true;
    send(worker->id, proto::Stop{});
  }
  stop_timer_ = scheduler_.call_after(seconds(config_.stop_timeout) + kStopGrace, [this] {
    log::runners().error("Timeout waiting for all workers to stop");
    state_ = MasterState::kStopped;
    test_is_over();
  });
  check_stopped();
}

// Stopped once every worker that is alive has said client_stopped and, after it, client_ready.
void Master::check_stopped() {
  if (state_ != MasterState::kStopping || quitting_) return;
  // Asked after every message of every worker: the count spares most of the searches.
  if (registry_.count(WorkerState::kStopped) > 0) return;
  const bool somebody_is_awaited = registry_.any_present([](const Worker& worker) {
    return worker.stop_pending && worker.state() != WorkerState::kMissing;
  });
  if (somebody_is_awaited) return;
  scheduler_.cancel(std::exchange(stop_timer_, 0));
  state_ = MasterState::kStopped;
  test_is_over();
}

void Master::reset_stats() {
  events_.notify(&MasterEvents::on_before_stats_reset);
  stats_.reset_all(clock_.wall_time());
  exceptions_.clear();
  exception_index_.clear();
  exceptions_bytes_ = 0;
  events_.notify(&MasterEvents::on_stats_reset);
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
    std::vector<std::string>& chosen = chosen_tasks_[update.user_class_name];
    chosen.clear();
    for (const proto::Value& task : tasks->array() ? *tasks->array() : proto::Value::Array()) {
      if (const std::string* name = task.str()) chosen.push_back(*name);
    }
  }
  for (const Worker* worker : registry_.present()) send(worker->id, update);
  return true;
}

void Master::quit() {
  if (quitting_) {
    finish_quit();
    return;
  }
  quitting_ = true;
  quit_began_ = scheduler_.clock().now();
  end_test();
  scheduler_.cancel(std::exchange(stop_timer_, 0));
  send_quit(kQuitRepeats);
}

// Stock repeats `quit` too (§8.3): one sent while a connection was being reset is lost.
void Master::send_quit(int repeats_left) {
  for (const Worker* worker : registry_.present()) send(worker->id, proto::Quit{});
  quit_timer_ = scheduler_.call_after(kQuitRepeat, [this, repeats_left] {
    quit_timer_ = 0;
    if (repeats_left > 0) send_quit(repeats_left - 1);
    check_quit();
  });
}

// Workers send their last report before `quit`, so once all that are alive have said it, nothing is
// lost.
void Master::check_quit() {
  if (!quitting_ || quit_complete_) return;
  const Duration waited = scheduler_.clock().now() - quit_began_;
  if (waited < kMinQuitWait) return;
  // One that fell silent shortly before the end is as likely cut off as it has ended.
  const bool all_gone = !registry_.any_present([](const Worker& worker) {
    return worker.state() != WorkerState::kMissing ||
           (worker.in_test && std::chrono::seconds(WorkerRegistry::silence(worker)) < kQuitGrace);
  });
  Duration patience = seconds(config_.stop_timeout) + kQuitGrace;
  if (seconds_behind_ > 0) patience += kReadGrace;
  if (all_gone || waited >= patience) finish_quit();
}

// To those that were missing and are back.
void Master::repeat_quit() {
  if (!quitting_) return;
  for (Worker* worker : registry_.active()) {
    if (std::exchange(worker->quit_again, false)) send(worker->id, proto::Quit{});
  }
}

void Master::finish_quit() {
  if (quit_complete_) return;
  quit_complete_ = true;
  scheduler_.cancel(std::exchange(quit_timer_, 0));
  state_ = MasterState::kStopped;
  test_is_over();
  events_.notify(&MasterEvents::on_quitting);
  if (uncaught_on_worker_ && stats_.errors().empty() && !has_exceptions()) {
    want_exit_code(kExitUncaught);
  }
  events_.notify(&MasterEvents::on_quit_complete);
}

void Master::want_exit_code(int code) {
  if (!wanted_exit_code_) wanted_exit_code_ = code;
}

bool Master::was_silent() const {
  if (in_test() || !users_asked_for_ || tasks_begun_ > 0) return false;
  if (stats_.total().num_requests > 0 || !stats_.errors().empty() || has_exceptions()) return false;
  if (losses_.count() > 0 || !undelivered().empty() || unfinished_count_ > 0) {
    return false;
  }
  const auto workers = registry_.all();
  return std::all_of(workers.begin(), workers.end(),
                     [](const Worker* worker) { return !worker->in_test || worker->counts_tasks; });
}

std::vector<MissingReport> Master::undelivered() const {
  if (!quitting_) return {};
  std::vector<MissingReport> missing;
  for (const Worker* worker : registry_.all()) {
    const bool owes = worker->in_test && !worker->delivered && !worker->unfinished;
    if (owes) missing.push_back(missing_report(*worker));
  }
  return missing;
}

WorkerView Master::view_of(const Worker& worker) const {
  return {worker.id,           worker.index,     std::string(to_string(worker.state())),
          worker.user_count(), worker.cpu_usage, worker.memory_usage,
          clock_ahead(worker), worker.is_native, worker.loop_lag_ms,
          worker.limits};
}

SnapshotPtr Master::snapshot() const {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->time = clock_.wall_time();
  snapshot->start_time = test_began_;
  snapshot->state = to_string(state_);
  snapshot->user_count = registry_.user_count();
  snapshot->user_classes_count = registry_.user_classes_count();
  for (const Worker* worker : registry_.present()) {
    snapshot->workers.push_back(view_of(*worker));
  }
  snapshot->stats = summarize(stats_, snapshot->time, config_.percentiles);
  snapshot->exceptions = exceptions_;
  return snapshot;
}

}  // namespace locust::master
