// UserDeadlines: users that were asked to stop, ordered by the time at which they must be gone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "common/base/scheduler.h"

namespace locust::worker {

// remove() needs the deadline that was given to add(). `scheduler` must outlive it.
class UserDeadlines {
 public:
  // `due` is called when the earliest deadline has passed, once per arm().
  UserDeadlines(Scheduler& scheduler, std::function<void()> due)
      : scheduler_(scheduler), due_(std::move(due)) {}
  ~UserDeadlines() { scheduler_.cancel(timer_); }
  UserDeadlines(const UserDeadlines&) = delete;
  UserDeadlines& operator=(const UserDeadlines&) = delete;

  void add(TimePoint deadline, std::uint64_t user) { users_.emplace(deadline, user); }
  void remove(TimePoint deadline, std::uint64_t user) { users_.erase({deadline, user}); }
  // The user with the earliest deadline that has passed; nullopt if there is none.
  std::optional<std::uint64_t> overdue() const {
    if (users_.empty() || users_.begin()->first > scheduler_.clock().now()) return std::nullopt;
    return users_.begin()->second;
  }
  // Waits for the earliest deadline.
  void arm() {
    scheduler_.cancel(std::exchange(timer_, 0));
    if (users_.empty()) return;
    timer_ = scheduler_.call_at(users_.begin()->first, [this] {
      timer_ = 0;
      due_();
    });
  }

 private:
  Scheduler& scheduler_;
  const std::function<void()> due_;
  std::set<std::pair<TimePoint, std::uint64_t>> users_;
  TimerId timer_ = 0;
};

}  // namespace locust::worker
