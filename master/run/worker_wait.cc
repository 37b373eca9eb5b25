#include "master/run/worker_wait.h"

#include <utility>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr Duration kPoll = std::chrono::seconds(1);
constexpr Duration kQuietWait = std::chrono::seconds(5);  // afterwards the wait is logged at INFO

}  // namespace

WorkerWait::WorkerWait(Scheduler& scheduler, const Master& master, WorkerWaitOptions options,
                       std::function<void()> ready, std::function<void()> gave_up)
    : scheduler_(scheduler),
      master_(master),
      options_(options),
      ready_(std::move(ready)),
      gave_up_(std::move(gave_up)) {}

void WorkerWait::begin() {
  began_ = scheduler_.clock().now();
  waiting_ = true;
  tick();
}

void WorkerWait::cancel() {
  waiting_ = false;
  scheduler_.cancel(std::exchange(timer_, 0));
}

void WorkerWait::workers_changed() {
  if (!waiting_ || master_.usable_ready_count() < options_.expect_workers) return;
  cancel();
  ready_();
}

// Workers that become ready end the wait. The timer only logs it and gives up.
void WorkerWait::tick() {
  timer_ = 0;
  workers_changed();
  if (!waiting_) return;
  const Duration waited = scheduler_.clock().now() - began_;
  if (options_.max_wait > Duration::zero() && waited > options_.max_wait) {
    waiting_ = false;
    log::main().error("Gave up waiting for workers to connect");
    gave_up_();
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
  timer_ = scheduler_.call_after(kPoll, [this] { tick(); });
}

}  // namespace locust::master
