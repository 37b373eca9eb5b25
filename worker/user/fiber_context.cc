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

void FiberContext::wait_any(HttpWaits& w) {
  waits_ = w.to_start.empty() && w.in_flight.empty() ? nullptr : &w;
  if (!w.to_start.empty() || w.done.empty()) park(Wait::kHttpAny);
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

int FiberContext::kill() {
  if (done()) return 0;
  const int cancelled = cancel_wait();
  killed_ = true;
  run();
  return cancelled;
}

int FiberContext::abandon() {
  const int cancelled = cancel_wait();
  if (fiber_) fiber_->unwind();
  wait_ = Wait::kNone;
  return cancelled;
}

void FiberContext::park(Wait wait) {
  wait_ = wait;
  fiber_->park();
  if (std::exchange(killed_, false)) throw UserKilled{};
}

// Runs the body until it waits, then starts the wait.
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
  } else if (wait_ == Wait::kHttp) {
    engine_.start(*client_, *exchange_, [this] { wake(); });
  } else {
    start_waits();
  }
}

void FiberContext::start_waits() {
  HttpWaits& waits = *waits_;
  for (Exchange* exchange : std::exchange(waits.to_start, {})) {
    waits.in_flight.push_back(exchange);
    engine_.start(waits.client, *exchange,
                  [this, &waits, exchange] { complete(waits, *exchange); });
  }
  // A response may have arrived while the user waited for something else.
  timer_ = 0;
  if (!waits.done.empty()) timer_ = scheduler_.call_after(Duration::zero(), [this] { wake(); });
}

void FiberContext::complete(HttpWaits& waits, Exchange& exchange) {
  std::erase(waits.in_flight, &exchange);
  waits.done.push_back(&exchange);
  if (waits.in_flight.empty() && waits.to_start.empty()) waits_ = nullptr;
  if (wait_ != Wait::kHttpAny) return;
  scheduler_.cancel(timer_);
  wake();
}

void FiberContext::wake() {
  run();
  if (fiber_->done()) ended_();
}

int FiberContext::cancel_wait() {
  const Wait wait = std::exchange(wait_, Wait::kNone);
  if (wait == Wait::kSleep || wait == Wait::kHttpAny) scheduler_.cancel(timer_);
  if (wait == Wait::kGate) {
    if (gate_id_ != 0) {
      gate_->remove(gate_id_);
    } else {
      scheduler_.cancel(timer_);
    }
  }
  if (wait == Wait::kHttp) engine_.cancel(*exchange_);
  int cancelled = wait == Wait::kHttp ? 1 : 0;
  if (HttpWaits* waits = std::exchange(waits_, nullptr)) {
    cancelled += static_cast<int>(waits->in_flight.size());
    for (Exchange* exchange : std::exchange(waits->in_flight, {})) engine_.cancel(*exchange);
  }
  return cancelled;
}

}  // namespace locust::worker
