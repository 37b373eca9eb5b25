// StallWatch: says which line of Python holds up the loop.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/python/hub.h"

namespace locust::python {

// A thread of its own that looks on and, while one greenlet runs for longer than kStall, asks Python
// where it is, once per stall and at most every kQuiet. `hub` and `clock` must outlive it. Make it on the hub's
// thread with the GIL held; destroy it without, because the watch may be waiting for the GIL.
class StallWatch {
 public:
  static constexpr Duration kStall = std::chrono::milliseconds(200);
  static constexpr Duration kInterval = std::chrono::milliseconds(50);
  static constexpr Duration kQuiet = std::chrono::seconds(10);

  StallWatch(const Hub& hub, const Clock& clock);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

 private:
  void run();
  void look();

  const Hub& hub_;
  const Clock& clock_;
  const unsigned long thread_id_;
  std::uint64_t told_turn_ = 0;
  TimePoint told_at_{};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace locust::python
