#include "master/cluster/shutdown.h"

#include <utility>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr Duration kQuitRepeat = std::chrono::milliseconds(500);
constexpr int kQuitRepeats = 2;

}  // namespace

Shutdown::Shutdown(Scheduler& scheduler, WorkerRegistry& registry, SendToWorker send,
                   Duration stop_timeout, Callbacks callbacks)
    : scheduler_(scheduler),
      registry_(registry),
      send_(std::move(send)),
      stop_timeout_(stop_timeout),
      callbacks_(std::move(callbacks)) {}

Shutdown::~Shutdown() {
  scheduler_.cancel(stop_timer_);
  scheduler_.cancel(quit_timer_);
}

void Shutdown::begin_test() {
  if (quitting()) return;
  phase_ = Phase::kIdle;
  scheduler_.cancel(std::exchange(stop_timer_, 0));
}

// ---- Stop ----

void Shutdown::stop() {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kStopping;
  for (WorkerNode* worker : registry_.present()) {
    worker->stop_pending = true;
    send_(worker->id, proto::Stop{});
  }
  stop_timer_ = scheduler_.call_after(stop_timeout_ + kStopGrace, [this] {
    log::runners().error("Timeout waiting for all workers to stop");
    end_stop();
  });
  check_stopped();
}

// The test is stopped once every living worker has sent client_stopped and then client_ready.
void Shutdown::check_stopped() {
  if (phase_ != Phase::kStopping) return;
  // Called after every message of every worker. The count avoids most of the searches.
  if (registry_.count(WorkerState::kStopped) > 0) return;
  const bool somebody_is_awaited = registry_.any_present([](const WorkerNode& worker) {
    return worker.stop_pending && worker.state() != WorkerState::kMissing;
  });
  if (!somebody_is_awaited) end_stop();
}

void Shutdown::end_stop() {
  scheduler_.cancel(std::exchange(stop_timer_, 0));
  phase_ = Phase::kStopped;
  callbacks_.stopped();
}

// ---- Quit ----

void Shutdown::quit() {
  if (quitting()) return;
  phase_ = Phase::kQuitting;
  quit_began_ = scheduler_.clock().now();
  scheduler_.cancel(std::exchange(stop_timer_, 0));
  send_quit(kQuitRepeats);
}

// Stock repeats `quit` too (docs/protocol.md §8.3): one sent while a connection was being reset is
// lost.
void Shutdown::send_quit(int repeats_left) {
  for (const WorkerNode* worker : registry_.present()) send_(worker->id, proto::Quit{});
  quit_timer_ = scheduler_.call_after(kQuitRepeat, [this, repeats_left] {
    quit_timer_ = 0;
    if (repeats_left > 0) send_quit(repeats_left - 1);
    check_quit();
  });
}

// Workers send their last report before `quit`, so once all living workers have sent it, nothing is
// lost.
void Shutdown::check_quit() {
  if (phase_ != Phase::kQuitting) return;
  const Duration waited = scheduler_.clock().now() - quit_began_;
  if (waited < kMinQuitWait) return;
  // One that fell silent shortly before the end may be cut off rather than ended.
  const bool all_gone = !registry_.any_present([](const WorkerNode& worker) {
    return worker.state() != WorkerState::kMissing ||
           (worker.in_test && std::chrono::seconds(WorkerRegistry::silence(worker)) < kQuitGrace);
  });
  Duration patience = stop_timeout_ + kQuitGrace;
  if (callbacks_.is_behind()) patience += kReadGrace;
  if (all_gone || waited >= patience) finish();
}

void Shutdown::finish() {
  if (phase_ != Phase::kQuitting) return;
  phase_ = Phase::kQuit;
  scheduler_.cancel(std::exchange(quit_timer_, 0));
  callbacks_.quit();
}

void Shutdown::worker_returned(const WorkerNode& worker) {
  if (quitting()) returned_.insert(worker.id);
}

void Shutdown::repeat_quit() {
  if (returned_.empty()) return;
  for (const WorkerNode* worker : registry_.active()) {
    if (returned_.erase(worker->id) > 0) send_(worker->id, proto::Quit{});
  }
}

void Shutdown::check() {
  check_stopped();
  check_quit();
}

}  // namespace locust::master
