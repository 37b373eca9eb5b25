#include "common/base/timer_queue.h"

namespace locust {

TimerId TimerQueue::add(TimePoint deadline, std::function<void()> fn) {
  const TimerId id = ++last_id_;
  timers_.emplace(Key{deadline, id}, std::move(fn));
  deadlines_.emplace(id, deadline);
  return id;
}

void TimerQueue::cancel(TimerId id) {
  const auto it = deadlines_.find(id);
  if (it == deadlines_.end()) return;
  timers_.erase(Key{it->second, id});
  deadlines_.erase(it);
}

std::optional<TimePoint> TimerQueue::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

std::size_t TimerQueue::run_due(TimePoint now) {
  const TimerId last_pending = last_id_;
  std::size_t fired = 0;
  // Restart from the front after each callback, because it may have cancelled any other timer.
  auto it = timers_.begin();
  while (it != timers_.end() && it->first.first <= now) {
    if (it->first.second > last_pending) {
      ++it;
      continue;
    }
    auto node = timers_.extract(it);
    deadlines_.erase(node.key().second);
    node.mapped()();
    ++fired;
    it = timers_.begin();
  }
  return fired;
}

}  // namespace locust
