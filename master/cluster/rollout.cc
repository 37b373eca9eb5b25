#include "master/cluster/rollout.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <utility>

#include "common/base/log.h"
#include "master/cluster/named_list.h"

namespace locust::master {
namespace {

constexpr double kHighSpawnRatePerWorker = 100;
constexpr double kAtOnce = 1e9;  // users per second
constexpr Duration kLeastBetweenRedistributions = std::chrono::milliseconds(100);
constexpr Duration kBetweenRedistributionsPerWorker = std::chrono::milliseconds(1);

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
    text += nlohmann::json(name).dump(-1, ' ', /*ensure_ascii=*/true,
                                      nlohmann::json::error_handler_t::replace) +
            ": " + std::to_string(count);
    total += count;
  }
  return text + "} (" + std::to_string(total) + " total users)";
}

std::int64_t sum_of(std::span<const std::int32_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

}  // namespace

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

Rollout::Rollout(Scheduler& scheduler, WorkerRegistry& registry, const UserClassCatalog& catalog,
                 EventSubscribers& events, SendToWorker send, std::function<void()> ramp_over,
                 Options options)
    : scheduler_(scheduler),
      registry_(registry),
      catalog_(catalog),
      events_(events),
      send_(std::move(send)),
      ramp_over_(std::move(ramp_over)),
      report_wait_(options.report_wait),
      rebalances_(options.enable_rebalancing || options.on_worker_loss == OnWorkerLoss::kRebalance),
      orders_(scheduler.clock(), std::move(options.orders)) {
  if (options.on_worker_loss == OnWorkerLoss::kRebalance) paced_.emplace();
}

Rollout::~Rollout() {
  for (const TimerId timer : {step_timer_, report_timer_, redistribute_timer_}) {
    scheduler_.cancel(timer);
  }
}

// ---- A test ----

bool Rollout::aim(std::int64_t user_count, double spawn_rate,
                  const std::optional<std::vector<ClassCount>>& class_counts,
                  const std::optional<std::vector<std::string>>& classes) {
  if (user_count > UsersDispatcher::kMaxUsers) {
    log::runners().error("{}", too_many_users(user_count));
    return false;
  }
  target_user_count_ = std::max<std::int64_t>(user_count, 0);
  class_counts_ = class_counts;
  if (classes || !dispatcher_) classes_of_new_users_ = classes;
  const std::size_t workers = registry_.active_count();
  if (workers == 0) {
    log::runners().warn("{}", kNoWorker);
    return false;
  }
  spawn_rate_ = spawn_rate;
  if (!dispatcher_ && !make_dispatcher()) return false;

  log::runners().info("Sending spawn jobs of {} users at {:.2f} spawn rate to {} ready workers",
                      user_count, spawn_rate, workers);
  if (spawn_rate / static_cast<double>(workers) > kHighSpawnRatePerWorker) {
    log::runners().warn(
        "Your selected spawn rate is very high (>100/worker), and this is known to sometimes cause "
        "issues. Do you "
        "really need to ramp up that fast?");
  }
  return true;
}

void Rollout::begin_test() {
  users_asked_for_ = false;
  orders_.begin_test(registry_);
  if (orders_.iteration_limit().is_set()) share_iterations();
}

void Rollout::ramp() {
  phase_ = Phase::kSpawning;
  scheduler_.cancel(std::exchange(step_timer_, 0));
  scheduler_.cancel(std::exchange(report_timer_, 0));
  begin_cycle();
  dispatch_step();
}

void Rollout::end() {
  phase_ = Phase::kIdle;
  dispatcher_.reset();
  if (paced_) paced_->clear();
  redistribute_again_ = false;
  for (TimerId* timer : {&redistribute_timer_, &step_timer_, &report_timer_}) {
    scheduler_.cancel(std::exchange(*timer, 0));
  }
}

std::optional<std::string> Rollout::obstacle(std::int64_t user_count) const {
  if (user_count > UsersDispatcher::kMaxUsers) return too_many_users(user_count);
  if (registry_.active_count() == 0) return std::string(kNoWorker);
  if (dispatcher_) return std::nullopt;
  const std::vector<DispatchClass> classes = catalog_.classes();
  const auto nobody = UsersDispatcher(dispatch_workers(), classes).classes_without_worker();
  if (nobody.size() < classes.size()) return std::nullopt;
  return no_worker_has(nobody);
}

// ---- The dispatcher ----

std::string Rollout::no_worker_has(const std::vector<std::string>& classes) const {
  return fmt::format("No worker has any of the user classes of this test: {}; they have: {}",
                     listed(classes), listed(loaded_classes()));
}

std::set<std::string> Rollout::loaded_classes() const {
  std::set<std::string> names;
  for (const WorkerNode* worker : std::as_const(registry_).active()) {
    if (worker->loaded_classes)
      names.insert(worker->loaded_classes->begin(), worker->loaded_classes->end());
  }
  return names;
}

std::vector<DispatchWorker> Rollout::dispatch_workers() const {
  std::vector<DispatchWorker> workers;
  for (const WorkerNode* worker : std::as_const(registry_).active()) {
    if (worker->classes_known()) workers.push_back({worker->id, worker->loaded_classes});
  }
  return workers;
}

void Rollout::warn_of_assumed_weights() const {
  const auto assumed = catalog_.assumed_weights();
  if (assumed.empty()) return;
  log::runners().warn(
      "The weight of these user classes is not known, because only stock workers have them: {}. "
      "Assuming 1; set it with --config-users or give the master a scenario with -f.",
      listed(assumed));
}

bool Rollout::make_dispatcher() {
  const std::vector<DispatchClass> classes = catalog_.classes();
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

// A worker has loaded classes that the test did not have. Redistributes users as if the test had
// had them from the start.
void Rollout::renew_dispatcher() {
  const int users = dispatcher_->dispatched_user_count();
  warn_of_assumed_weights();
  dispatcher_.emplace(dispatch_workers(), catalog_.classes());
  classes_learned_ = false;
  dispatcher_->new_dispatch(users, kAtOnce, classes_of_new_users_);
  while (dispatcher_->next()) {
  }
  begin_cycle();  // a ramp in progress continues with its next step
}

void Rollout::classes_described() {
  if (!in_test() && dispatcher_) dispatcher_.emplace(dispatch_workers(), catalog_.classes());
}

void Rollout::begin_cycle() {
  dispatcher_->set_class_counts(class_counts_);
  dispatcher_->new_dispatch(static_cast<int>(target_user_count_), spawn_rate_,
                            classes_of_new_users_);
}

// Shares are proportional to the users that each worker has at the end of the ramp.
void Rollout::share_iterations() {
  UsersDispatcher in_the_end(dispatch_workers(), catalog_.classes());
  const auto users = static_cast<int>(target_user_count_);
  in_the_end.set_class_counts(class_counts_);
  in_the_end.new_dispatch(users, std::max(users, 1), classes_of_new_users_);
  while (in_the_end.next()) {
  }
  std::vector<std::pair<std::string, std::int64_t>> users_of_native;
  std::vector<std::string> unlimited;
  for (std::size_t row = 0; row < in_the_end.worker_count(); ++row) {
    const std::string& id = in_the_end.worker_id(row);
    const WorkerNode* worker = registry_.find(id);
    if (worker == nullptr || !worker->is_native) {
      unlimited.push_back(id);
      continue;
    }
    users_of_native.emplace_back(id, sum_of(in_the_end.counts(row)));
  }
  orders_.iteration_limit().share_out(users_of_native);
  if (unlimited.empty()) return;
  log::runners().warn(
      "These workers do not support --iterations, as only locust-worker does, and run without a "
      "limit: {}",
      listed(unlimited));
}

// ---- A ramp ----

// Sends one iteration's absolute counts to every worker, then waits for the next one's time.
void Rollout::dispatch_step() {
  const TimePoint began = scheduler_.clock().now();
  step_timer_ = 0;
  while (next_step()) {
    users_asked_for_ |= dispatcher_->dispatched_user_count() > 0;
    for (std::size_t row = 0; row < dispatcher_->worker_count(); ++row) send_spawn(row);
    log::runners().debug("Sending spawn messages for {} total users to {} worker(s)",
                         dispatcher_->dispatched_user_count(), dispatcher_->worker_count());
    const bool keeps_pace = paced_ && paced_->started() > 0 &&
                            (paced_->behind() || dispatcher_->dispatch_in_progress());
    const Duration wait =
        keeps_pace ? dispatcher_->wait_between_dispatch() : dispatcher_->wait_before_next();
    if (wait > Duration::zero()) {
      step_timer_ = scheduler_.call_at(began + wait, [this] { dispatch_step(); });
      return;
    }
  }
  await_reports();
}

// Computes the next counts to send. Returns false if the ramp is over.
bool Rollout::next_step() {
  if (!paced_) return dispatcher_->next();
  const bool again = std::exchange(redistribute_again_, false);
  if (again) begin_cycle();
  if ((again || !paced_->behind()) && !dispatcher_->next()) return false;
  paced_->approach(*dispatcher_, dispatcher_->user_count_per_dispatch_iteration());
  return true;
}

void Rollout::send_spawn(std::size_t row) {
  const std::string& id = dispatcher_->worker_id(row);
  WorkerNode* worker = registry_.find(id);
  if (worker == nullptr) return;
  std::map<std::string_view, std::int64_t> named;
  const std::span<const std::int32_t> users = counts(row);
  for (std::size_t column = 0; column < users.size(); ++column) {
    if (dispatcher_->has_loaded(row, column))
      named[dispatcher_->class_names()[column]] = users[column];
  }
  const auto users_of_test =
      dispatcher_->worker_count() == 1 ? std::optional(target_user_count_) : std::nullopt;
  send_(id, orders_.make(*worker, named, users_of_test));
}

// The users that the worker of this row is to run now. A paced spread is behind the dispatcher.
std::span<const std::int32_t> Rollout::counts(std::size_t row) const {
  return paced_ ? paced_->counts(dispatcher_->worker_id(row)) : dispatcher_->counts(row);
}

void Rollout::await_reports() {
  note_target();
  report_timer_ =
      scheduler_.call_after(report_wait_, [this] { complete_spawning(Reports::kLate); });
  check_all_spawned();
}

void Rollout::note_target() {
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

void Rollout::check_all_spawned() {
  if (report_timer_ != 0 && registry_.user_count() == dispatcher_->dispatched_user_count())
    complete_spawning(Reports::kAllIn);
}

void Rollout::complete_spawning(Reports reports) {
  scheduler_.cancel(std::exchange(report_timer_, 0));
  phase_ = Phase::kRunning;
  const int users = dispatcher_->dispatched_user_count();
  ramp_over_();
  if (phase_ != Phase::kRunning) return;
  // Not to missing workers, unlike stock: a message that waits for a worker that has ended can cost
  // its last messages (Presence::answers_stranger). One that returns gets it after its
  // redistribution.
  for (const WorkerNode* worker : registry_.active()) {
    if (worker->understands(2, 29)) {
      send_(worker->id, proto::MasterSpawningComplete{.user_count = users, .extra = {}});
    }
  }
  log::runners().info(
      "{}: {}",
      reports == Reports::kAllIn
          ? "All users spawned"
          : "Spawning is complete and report waittime is expired, but not all reports received "
            "from workers",
      format_user_classes_count(registry_.user_classes_count()));
  events_.notify(&MasterEvents::on_spawning_complete, registry_.user_count());
}

// ---- Workers ----

void Rollout::add(const WorkerNode& worker) {
  if (!dispatcher_) return;
  if (classes_learned_) {
    renew_dispatcher();
  } else {
    dispatcher_->add_worker(worker.id, worker.loaded_classes);
  }
  redistribute();
}

void Rollout::remove(const WorkerNode& worker) {
  if (dispatcher_) dispatcher_->remove_worker(worker.id);
}

void Rollout::forget_users(const WorkerNode& worker) {
  if (paced_) paced_->forget(worker.id);
}

std::int64_t Rollout::users_of(const WorkerNode& worker) const {
  for (std::size_t row = 0; row < dispatcher_->worker_count(); ++row) {
    if (dispatcher_->worker_id(row) == worker.id) return sum_of(counts(row));
  }
  return 0;
}

void Rollout::redistribute() {
  if (!in_test() || redistribute_timer_ != 0) return;
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

void Rollout::redistribute_if_rebalancing() {
  if (rebalances_) redistribute();
}

void Rollout::redistribute_now() {
  if (registry_.active_count() == 0) return;
  redistributed_at_ = scheduler_.clock().now();
  if (aim(target_user_count_, spawn_rate_, class_counts_, std::nullopt)) ramp();
}

bool Rollout::users_gone() const {
  if (phase_ != Phase::kRunning || registry_.user_count() > 0) return false;
  if (dispatcher_->dispatched_user_count() == 0 || redistribute_timer_ != 0) return false;
  if (registry_.count(WorkerState::kMissing) > 0) return false;
  return registry_.count(WorkerState::kRunning) == registry_.active_count();
}

}  // namespace locust::master
