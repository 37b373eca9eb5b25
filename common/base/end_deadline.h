// EndDeadline: ends this process if it does not end by itself in time.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"

namespace locust {

// Ends the process, whatever its threads do, once the log is written or a second has passed. Runs
// the functions registered with std::at_quick_exit, and no destructors.
[[noreturn]] void end_at_once(int exit_code);

// Has its own thread, because the threads that should end may be blocked forever, by test code or
// by the GIL.
class EndDeadline {
 public:
  static constexpr int kExitCode = 1;

  // `blocked_by` returns a description of the code that keeps the process from ending; may be
  // empty. It is called once, on the thread of this object, at the deadline, and must return.
  explicit EndDeadline(std::function<std::string()> blocked_by);
  // Removes the deadline.
  ~EndDeadline();
  EndDeadline(const EndDeadline&) = delete;
  EndDeadline& operator=(const EndDeadline&) = delete;

  // The process ends `grace` from now at the latest, with a line in the log and kExitCode. If
  // called several times, the earliest deadline wins. Thread-safe.
  void arm(Duration grace);

 private:
  void run();

  const std::function<std::string()> blocked_by_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<TimePoint> deadline_;  // guarded by mutex_, like the next member
  bool over_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace locust
