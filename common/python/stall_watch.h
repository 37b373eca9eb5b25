// StallWatch: reports which line of Python blocks the loop.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/python/hub.h"

namespace locust::python {

// Asks a StallWatch where the loop's thread is, from threads that must not wait for Python.
// Outlives the watch.
class StallQuestion {
 public:
  static constexpr Duration kPatience = std::chrono::milliseconds(300);

  // "FILE:LINE in FUNCTION, called from …", or, of code that keeps the GIL, that it does. Empty if
  // no watch is there. Returns within kPatience.
  std::string ask();

 private:
  friend class StallWatch;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_watched_ = false;  // guarded by mutex_, as the next
  bool is_open_ = false;
  std::optional<std::string> answer_;
};

// A thread of its own that looks on and, while one greenlet runs for longer than kStall, asks
// Python where it is, once per stall and at most every kQuiet; and whenever `question` is asked.
// `hub` and `clock` must outlive it. Make it on the loop's thread with the GIL held; destroy it
// without, because the watch may be waiting for the GIL.
class StallWatch {
 public:
  static constexpr Duration kStall = std::chrono::milliseconds(200);
  static constexpr Duration kInterval = std::chrono::milliseconds(50);
  static constexpr Duration kQuiet = std::chrono::seconds(10);

  StallWatch(const Hub& hub, const Clock& clock, std::shared_ptr<StallQuestion> question);
  // One that is only asked.
  explicit StallWatch(std::shared_ptr<StallQuestion> question);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

 private:
  void run();
  void look();
  void answer();

  const Hub* const hub_ = nullptr;
  const Clock* const clock_ = nullptr;
  const unsigned long thread_id_;
  const std::shared_ptr<StallQuestion> question_;
  std::uint64_t told_turn_ = 0;
  TimePoint told_at_{};
  bool ending_ = false;  // guarded by the question's mutex
  std::thread thread_;
};

}  // namespace locust::python
