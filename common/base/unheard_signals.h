// UnheardSignals: reports a signal that no loop handles.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/clock.h"

namespace locust {

// While test code blocks the thread of a loop, the loop's SignalWatcher receives nothing. This
// class watches on a thread of its own and does not consume signals.
class UnheardSignals {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds(100);

  // Calls `unheard` once, on the thread of this object, when one of `signals` has been pending for
  // `patience`. Every thread must block them (SignalWatcher::block). `clock` must outlive this
  // object and is read on its thread.
  UnheardSignals(const Clock& clock, const std::vector<int>& signals, Duration patience,
                 std::function<void()> unheard);
  ~UnheardSignals();
  UnheardSignals(const UnheardSignals&) = delete;
  UnheardSignals& operator=(const UnheardSignals&) = delete;

 private:
  void run();
  bool one_waits() const;

  const Clock& clock_;
  const std::vector<int> signals_;
  const Duration patience_;
  const std::function<void()> unheard_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;   // guarded by mutex_
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace locust
