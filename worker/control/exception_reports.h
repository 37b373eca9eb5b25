// ExceptionReports: decides which exceptions of tasks are logged in full, and which are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>

#include "common/base/clock.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// Stock logs and sends each exception without limit: a broken task of many users floods the log and
// sends the master thousands of messages per second. Used on the control thread. `clock` must
// outlive it.
class ExceptionReports {
 public:
  static constexpr int kPerSecond = 50;               // the most that are sent
  static constexpr std::size_t kMaxKindsSeen = 1000;  // the most that are logged in full

  explicit ExceptionReports(const Clock& clock) : clock_(clock) {}

  // Starts a new test, in which each kind is logged again.
  void begin_test() { seen_.clear(); }
  // Logs the first exception of each kind and counts the others.
  void log(const TaskException& exception);
  // Returns whether another exception may be sent now. Counts those that may not.
  bool may_send();
  // Logs the counts since the last call.
  void log_counts();

 private:
  const Clock& clock_;
  TimePoint second_{};
  int sent_ = 0;  // in that second
  std::uint64_t dropped_ = 0;
  std::unordered_set<std::string> seen_;
  std::uint64_t repeated_ = 0;
};

}  // namespace locust::worker
