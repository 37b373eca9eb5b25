// ExceptionReports: which exceptions of tasks are logged in full, and which are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>

#include "common/base/clock.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// Stock logs and sends each, without limit: a broken task of many users would make a flood of
// lines, and thousands of messages a second would drown a master. The control thread's; `clock`
// outlives it.
class ExceptionReports {
 public:
  static constexpr int kPerSecond = 50;               // sent at most
  static constexpr std::size_t kMaxKindsSeen = 1000;  // that are logged in full

  explicit ExceptionReports(const Clock& clock) : clock_(clock) {}

  // A new test, in which each kind is logged again.
  void begin_test() { seen_.clear(); }
  // Logs the first one of each kind, counts the others.
  void log(const TaskException& exception);
  // Whether one more may be sent now; counts those that may not.
  bool may_send();
  // Logs what was counted since the last call.
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
