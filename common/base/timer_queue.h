// TimerQueue: pending timers in order of deadline, then of creation. Independent of clocks and
// threads.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/base/scheduler.h"

namespace locust {

class TimerQueue {
 public:
  TimerId add(TimePoint deadline, std::function<void()> fn);
  void cancel(TimerId id);
  // The earliest deadline, if any timer is pending.
  std::optional<TimePoint> next_deadline() const;
  // Fires every timer due at `now` that was pending when the call began; those added meanwhile wait
  // for the next call, so a timer that re-arms itself with no delay cannot starve the loop. Returns
  // how many fired.
  std::size_t run_due(TimePoint now);
  bool empty() const { return timers_.empty(); }

 private:
  using Key = std::pair<TimePoint, TimerId>;
  std::map<Key, std::function<void()>> timers_;
  std::unordered_map<TimerId, TimePoint> deadlines_;
  TimerId last_id_ = 0;
};

}  // namespace locust
