#include "worker/user/fiber_context.h"

#include <algorithm>
#include <utility>

namespace locust::worker {

FiberContext::FiberContext(Scheduler& scheduler, HttpEngine& engine, FiberStacks& stacks,
                           std::function<void()> ended)
    : scheduler_(scheduler), engine_(engine), stacks_(stacks), ended_(std::move(ended)) {}

FiberContext::~FiberContext() { abandon(); }

void FiberContext::wait(HttpWait& w) {
  client_ = &w.client;
  exchange_ = &w.exchange;
  park(Wait::kHttp);
}

void FiberContext::sleep(Duration d) {
  const TimePoint now = scheduler_.clock().now();
  sleep_until_ = now + std::clamp(d, Duration::zero(), TimePoint::max() - now);
  park(Wait::kSleep);
}

void FiberContext::wait(Gate& gate) {
  if (gate.is_open()) return;
  gate_ = &gate;
  park(Wait::kGate);
}

void FiberContext::start(std::function<void()> body) {
  fiber_ = std::make_unique<Fiber>(stacks_, std::move(body));
  run();
}

bool FiberContext::kill() {
  if (done()) return false;
  const bool cancelled = cancel_wait();
  killed_ = true;
  run();
  return cancelled;
}

bool FiberContext::abandon() {
  const bool cancelled = cancel_wait();
  if (fiber_) fiber_->unwind();
  wait_ = Wait::kNone;
  return cancelled;
}

void FiberContext::park(Wait wait) {
  wait_ = wait;
  fiber_->park();
  if (std::exchange(killed_, false)) throw UserKilled{};
}

// Runs the body, then starts what it waits for.
void FiberContext::run() {
  wait_ = Wait::kNone;
  fiber_->resume();
  if (fiber_->done()) return;
  if (wait_ == Wait::kSleep) {
    timer_ = scheduler_.call_at(sleep_until_, [this] { wake(); });
  } else if (wait_ == Wait::kGate) {
    gate_id_ = gate_->add([this] {
      gate_id_ = 0;
      timer_ = scheduler_.call_after(Duration::zero(), [this] { wake(); });
    });
  } else {
    engine_.start(*client_, *exchange_, [this] { wake(); });
  }
}

void FiberContext::wake() {
  run();
  if (fiber_->done()) ended_();
}

bool FiberContext::cancel_wait() {
  const Wait wait = std::exchange(wait_, Wait::kNone);
  if (wait == Wait::kSleep) scheduler_.cancel(timer_);
  if (wait == Wait::kGate) {
    if (gate_id_ != 0) {
      gate_->remove(gate_id_);
    } else {
      scheduler_.cancel(timer_);
    }
  }
  if (wait == Wait::kHttp) engine_.cancel(*exchange_);
  return wait == Wait::kHttp;
}

}  // namespace locust::worker
