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

// Asks a StallWatch where the loop's thread is, for threads that must not wait for the GIL.
// Outlives the watch.
class StallQuestion {
 public:
  static constexpr Duration kPatience = std::chrono::milliseconds(300);

  // Returns "FILE:LINE in FUNCTION, called from …", or a text that says that the code does not
  // release the GIL. Empty if there is no watch. Returns within kPatience.
  std::string ask();

 private:
  friend class StallWatch;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  bool is_watched_ = false;
  bool is_open_ = false;
  std::optional<std::string> answer_;
};

// Watches the loop's thread from a thread of its own. If a greenlet runs for longer than kStall, it
// logs the current line of Python, once per stall and at most every kQuiet. It also answers
// `question`. `hub` and `clock` must outlive it. Create it on the loop's thread with the GIL held;
// destroy it without, because the watch may be waiting for the GIL.
class StallWatch {
 public:
  static constexpr Duration kStall = std::chrono::milliseconds(200);
  static constexpr Duration kInterval = std::chrono::milliseconds(50);
  static constexpr Duration kQuiet = std::chrono::seconds(10);

  StallWatch(const Hub& hub, const Clock& clock, std::shared_ptr<StallQuestion> question);
  // Only answers `question`.
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
