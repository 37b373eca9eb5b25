#include "master/headless.h"

#include <spdlog/fmt/ranges.h>

#include "common/log.h"
#include "master/validity.h"

namespace locust::master {
namespace {

constexpr Duration kPoll = std::chrono::seconds(1);
constexpr Duration kQuietWait =
    std::chrono::seconds(5);  // after it, waiting is worth a line at INFO

}  // namespace

HeadlessRun::HeadlessRun(Scheduler& scheduler, Master& master, HeadlessOptions options,
                         std::function<void(int)> finished)
    : scheduler_(scheduler), master_(master), options_(options), finished_(std::move(finished)) {
  master_.set_observer(this);
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
  wait_timer_ = scheduler_.call_after(kPoll, [this] { wait_for_workers(); });
}

void HeadlessRun::give_up() {
  log::main().error("Gave up waiting for workers to connect");
  forced_exit_code_ = 1;
  interrupt();
}

void HeadlessRun::start_if_ready() {
  if (started_ || quitting_ || master_.usable_ready_count() < options_.expect_workers) return;
  started_ = true;
  scheduler_.cancel(std::exchange(wait_timer_, 0));
  if (const auto unknown = master_.catalog().unknown_selected(); !unknown.empty()) {
    log::main().error("Unknown User(s): {}", fmt::join(unknown, ", "));
    forced_exit_code_ = 1;
  } else if (const auto configured = master_.catalog().unknown_configured(); !configured.empty()) {
    log::main().error("--config-users names user classes that nobody has: {}",
                      fmt::join(configured, ", "));
    forced_exit_code_ = 1;
  } else if (master_.catalog().classes().empty()) {
    log::main().error("No User class found!");
    forced_exit_code_ = 1;
  }
  if (forced_exit_code_) {
    interrupt();
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
  if (master_.state() == MasterState::kReady) {  // it has said why it could not
    forced_exit_code_ = 1;
    interrupt();
  }
}

void HeadlessRun::interrupt() {
  quitting_ = true;
  scheduler_.cancel(std::exchange(wait_timer_, 0));
  scheduler_.cancel(std::exchange(run_timer_, 0));
  master_.quit();
}

void HeadlessRun::on_last_worker_gone() {
  if (started_ && !quitting_) interrupt();
}

bool HeadlessRun::on_stop_test() {
  if (!quitting_) interrupt();
  return true;
}

bool HeadlessRun::on_worker_loss_fails() {
  forced_exit_code_ = 1;
  if (!quitting_) interrupt();
  return true;
}

void HeadlessRun::on_quit_complete() {
  for (const std::string& reason : invalid_reasons(master_)) log::main().warn("{}", reason);
  if (master_.worker_cpu_warning_emitted()) {
    log::main().warn("CPU usage threshold was exceeded on workers during the test!");
  }
  const int code = exit_code();
  log::main().info("Shutting down (exit code {})", code);
  finished_(code);
}

int HeadlessRun::exit_code() const {
  if (forced_exit_code_) return *forced_exit_code_;
  const bool errors = !master_.stats().errors().empty() || master_.has_exceptions();
  return errors ? options_.exit_code_on_error : 0;
}

}  // namespace locust::master
