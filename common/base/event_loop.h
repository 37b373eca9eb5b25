// EventLoop: one thread's epoll, timers and mailbox. The master's control thread, the worker's
// control thread and the worker's user loop are each one of these.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/scheduler.h"
#include "common/base/timer_queue.h"

namespace locust {

// Owned and run by one thread; only post() and stop() may be called from others (stop() from a
// signal handler too). Callbacks run on the loop's thread, never inside the call that registered
// them, and must not throw.
class EventLoop final : public Scheduler {
 public:
  // `clock` must outlive the loop.
  explicit EventLoop(const Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  const Clock& clock() const override { return clock_; }
  TimerId call_at(TimePoint deadline, std::function<void()> fn) override;
  void cancel(TimerId id) override { timers_.cancel(id); }

  // Calls `fn` with the ready EPOLL* bits. Level-triggered. Watching an fd again replaces its
  // events and callback. A callback may unwatch any fd, its own included; it is not called after
  // unwatch() returned.
  void watch(int fd, std::uint32_t events, std::function<void(std::uint32_t ready)> fn);
  void unwatch(int fd);

  // `fn` is called before each wait. If it leaves work undone, the loop polls without waiting. For
  // sources whose readiness is not level-triggered, such as a ZeroMQ socket's descriptor.
  enum class Prepared { kIdle, kWorkLeft, kRemoveMe };
  void add_prepare(std::function<Prepared()> fn);

  // Called before and after each wait of the loop, to release what others may need during the wait.
  void around_wait(std::function<void()> before, std::function<void()> after) {
    before_wait_ = std::move(before);
    after_wait_ = std::move(after);
  }

  // Runs `fn` on the loop's thread, in order of posting. Thread-safe.
  void post(std::function<void()> fn);

  // Runs until stop(). May be called again afterwards.
  void run();
  // Handles what is ready now, waiting at most `max_wait` for something to become ready.
  void run_once(Duration max_wait);
  void stop();

 private:
  struct Watch {
    std::uint64_t generation;
    std::function<void(std::uint32_t)> fn;
  };

  int wait_timeout_ms(Duration max_wait);
  void run_posted();
  void wake();

  const Clock& clock_;
  int epoll_fd_;
  int wake_fd_;
  TimerQueue timers_;
  std::unordered_map<int, Watch> watches_;
  std::uint64_t last_generation_ = 0;
  std::function<void()> before_wait_;
  std::function<void()> after_wait_;
  std::deque<std::function<Prepared()>> prepares_;  // one may add another while it runs
  std::atomic<bool> stopping_{false};

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by posted_mutex_
};

}  // namespace locust
