#include "common/base/unheard_signals.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

namespace locust {

UnheardSignals::UnheardSignals(const Clock& clock, const std::vector<int>& signals,
                               Duration patience, std::function<void()> unheard)
    : clock_(clock),
      signals_(signals),
      patience_(patience),
      unheard_(std::move(unheard)),
      thread_([this] { run(); }) {}

UnheardSignals::~UnheardSignals() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void UnheardSignals::run() {
  std::optional<TimePoint> seen;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return over_; })) {
    const TimePoint now = clock_.now();
    seen = one_waits() ? seen.value_or(now) : std::optional<TimePoint>();
    if (!seen || now - *seen < patience_) continue;
    lock.unlock();
    return unheard_();
  }
}

bool UnheardSignals::one_waits() const {
  sigset_t waiting;
  sigpending(&waiting);
  return std::any_of(signals_.begin(), signals_.end(),
                     [&waiting](int signal) { return sigismember(&waiting, signal) == 1; });
}

}  // namespace locust
