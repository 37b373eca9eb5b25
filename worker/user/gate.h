// Gate: an event that any number of users wait for, such as the end of spawning.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace locust::worker {

// Used on the loop's thread only. Outlives its waiters.
class Gate {
 public:
  bool is_open() const { return open_; }
  void close() { open_ = false; }
  // Calls all waiters in order of arrival. Waiters must only record the call.
  void open() {
    open_ = true;
    for (const auto& [id, waiter] : std::exchange(waiters_, {})) waiter();
  }

  // `waiter` is called once, unless it was removed before.
  std::uint64_t add(std::function<void()> waiter) {
    waiters_.emplace(++last_id_, std::move(waiter));
    return last_id_;
  }
  void remove(std::uint64_t id) { waiters_.erase(id); }

 private:
  bool open_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::function<void()>> waiters_;
};

}  // namespace locust::worker
