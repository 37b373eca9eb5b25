#include "master/headless.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "common/log.h"
#include "master/report/verdict_table.h"
#include "master/validity.h"

namespace locust::master {
namespace {

constexpr Duration kPoll = std::chrono::seconds(1);
constexpr double kKeySpawnRate = 100;  // users per second
constexpr Duration kQuietWait =
    std::chrono::seconds(5);  // after it, waiting is worth a line at INFO

}  // namespace

HeadlessRun::HeadlessRun(Scheduler& scheduler, Master& master, HeadlessOptions options,
                         std::function<void(int)> finished)
    : scheduler_(scheduler),
      master_(master),
      options_(std::move(options)),
      finished_(std::move(finished)),
      thresholds_(scheduler, master.stats(), options_.thresholds, [this](const Verdict& verdict) {
        log::main().error("Threshold {} does not hold: {}; shutting down",
                          threshold_text(verdict.threshold), measured_text(verdict));
        interrupt();
      }) {
  master_.set_observer(this);
  if (options_.shape) {
    shape_runner_.emplace(scheduler_, master_, *options_.shape, [this] {
      log::main().info("Shape test completed, shutting down");
      interrupt();
    });
  }
}

HeadlessRun::~HeadlessRun() {
  master_.set_observer(nullptr);
  scheduler_.cancel(wait_timer_);
  scheduler_.cancel(run_timer_);
}

void HeadlessRun::begin() {
  began_ = scheduler_.clock().now();
  wait_for_workers();
}

// Workers start the test themselves by becoming ready; the timer only talks about it and gives up.
void HeadlessRun::wait_for_workers() {
  wait_timer_ = 0;
  start_if_ready();
  if (started_ || quitting_) return;
  const Duration waited = scheduler_.clock().now() - began_;
  if (options_.expect_workers_max_wait > Duration::zero() &&
      waited > options_.expect_workers_max_wait) {
    give_up();
    return;
  }
  log::main().log(waited > kQuietWait ? spdlog::level::info : spdlog::level::debug,
                  "Waiting for workers to be ready, {} of {} connected", master_.ready_count(),
                  options_.expect_workers);
  if (waited > kQuietWait && master_.ready_count() == 0 && !std::exchange(hinted_, true)) {
    log::main().info(
        "Start workers with locust-worker --master-host=HOST; for a run on this machine alone: "
        "--processes N");
  }
  wait_timer_ = scheduler_.call_after(kPoll, [this] { wait_for_workers(); });
}

void HeadlessRun::give_up() {
  log::main().error("Gave up waiting for workers to connect");
  result_.forced_exit_code = 1;
  interrupt();
}

void HeadlessRun::start_if_ready() {
  if (started_ || quitting_ || master_.usable_ready_count() < options_.expect_workers) return;
  started_ = true;
  scheduler_.cancel(std::exchange(wait_timer_, 0));
  if (check_classes()) {
    start_test();
    if (quitting_) return;  // the shape is over already
    if (master_.state() != MasterState::kReady) {
      thresholds_.start();
      return;
    }
  }
  result_.forced_exit_code = 1;  // it has been said why
  interrupt();
}

bool HeadlessRun::check_classes() {
  const UserClassCatalog& catalog = master_.catalog();
  if (const auto unknown = catalog.unknown_selected(); !unknown.empty()) {
    log::main().error("Unknown User(s): {}", fmt::join(unknown, ", "));
    return false;
  }
  if (const auto unknown = catalog.unknown_configured(); !unknown.empty()) {
    log::main().error("--config-users names user classes that nobody has: {}",
                      fmt::join(unknown, ", "));
    return false;
  }
  if (catalog.classes().empty()) {
    log::main().error(
        "No User class found! Give each worker a scenario with -f that has one, with a weight "
        "above "
        "0 here and in --config-users");
    return false;
  }
  return true;
}

void HeadlessRun::start_test() {
  if (shape_runner_) {
    shape_runner_->start();
    return;
  }
  if (options_.run_time) {
    log::main().info("Run time limit set to {} seconds",
                     std::chrono::duration_cast<std::chrono::seconds>(*options_.run_time).count());
    run_timer_ = scheduler_.call_after(*options_.run_time, [this] {
      log::main().info("--run-time limit reached, shutting down");
      interrupt();
    });
  } else {
    log::main().info("No run time limit set, use CTRL+C to interrupt");
  }
  master_.start(options_.users, options_.spawn_rate);
}

void HeadlessRun::press(char key) {
  if (key == 'w') change_users(1);
  if (key == 'W') change_users(10);
  if (key == 's') change_users(-1);
  if (key == 'S') change_users(-10);
}

void HeadlessRun::change_users(std::int64_t difference) {
  if (!started_ || quitting_) return;
  if (master_.state() == MasterState::kSpawning) {
    log::main().warn(difference > 0 ? "Already spawning users, can't spawn more right now"
                                    : "Spawning users, can't stop right now");
    return;
  }
  const std::int64_t users = master_.registry().user_count() + difference;
  master_.start(std::max<std::int64_t>(users, 0), kKeySpawnRate);
}

void HeadlessRun::interrupt() {
  quitting_ = true;
  scheduler_.cancel(std::exchange(wait_timer_, 0));
  scheduler_.cancel(std::exchange(run_timer_, 0));
  if (shape_runner_) shape_runner_->stop();
  master_.quit();
}

void HeadlessRun::on_last_worker_gone() {
  if (started_ && !quitting_) interrupt();
}

// A shape may start others.
void HeadlessRun::on_users_gone() {
  if (!started_ || quitting_ || (shape_runner_ && !master_.limits_iterations())) return;
  log::main().info("All users have stopped by themselves, shutting down");
  interrupt();
}

bool HeadlessRun::on_stop_test() {
  if (!quitting_) interrupt();
  return true;
}

bool HeadlessRun::on_worker_loss_fails() {
  result_.forced_exit_code = 1;
  if (!quitting_) interrupt();
  return true;
}

void HeadlessRun::on_quit_complete() {
  judge();
  for (const std::string& reason : result_.invalid_reasons) log::main().warn("{}", reason);
  if (master_.worker_cpu_warning_emitted()) {
    log::main().warn("CPU usage threshold was exceeded on workers during the test!");
  }
  for (const CheckResult& check : result_.checks) {
    log::main().log(check.passed ? spdlog::level::debug : spdlog::level::info, "CHECK {}: {}",
                    check.passed ? "SUCCESSFUL" : "FAILED", check.text);
  }
  const int code = exit_code(result_, options_.exit_rules);
  log::main().info("Shutting down (exit code {})", code);
  finished_(code);
}

void HeadlessRun::judge() {
  thresholds_.stop();
  result_.invalid_reasons = invalid_reasons(master_);
  result_.checks = run_checks(options_.checks, master_.stats().total());
  result_.verdicts = thresholds_.verdicts();
  result_.has_errors = !master_.stats().errors().empty() || master_.has_exceptions();
}

}  // namespace locust::master
