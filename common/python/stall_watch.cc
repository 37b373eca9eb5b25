#include "common/python/stall_watch.h"

namespace locust::python {

StallWatch::StallWatch(const Hub& hub, const Clock& clock)
    : hub_(hub),
      clock_(clock),
      thread_id_(PyThread_get_thread_ident()),
      thread_([this] { run(); }) {}

StallWatch::~StallWatch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void StallWatch::run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kInterval, [this] { return ending_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void StallWatch::look() {
  const Hub::Activity& activity = hub_.activity();
  const std::uint64_t turn = activity.turn.load(std::memory_order_relaxed);
  const TimePoint now = clock_.now();
  const auto stalled_for = [&activity, now] {
    const std::int64_t since = activity.since_ns.load(std::memory_order_relaxed);
    return since == 0 ? Duration::zero() : now - TimePoint(Duration(since));
  };
  if (stalled_for() < kStall || turn == told_turn_) return;
  if (told_turn_ != 0 && now - told_at_ < kQuiet) return;
  const GilHeld gil;
  // It may be over by the time that Python lets this thread in.
  const Duration stall = stalled_for();
  if (stall < kStall || activity.turn.load(std::memory_order_relaxed) != turn) return;
  told_turn_ = turn;
  told_at_ = now;
  const Ref arguments(
      Py_BuildValue("(kL)", thread_id_,
                    static_cast<long long>(
                        std::chrono::duration_cast<std::chrono::milliseconds>(stall).count())));
  const Ref told = call_embedded("locust._host", "blocked", arguments.get());
  if (!told) PyErr_Clear();
}

}  // namespace locust::python
