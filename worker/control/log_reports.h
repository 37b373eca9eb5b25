// LogReports: sends the worker's log to masters that show it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/log.h"
#include "common/base/scheduler.h"
#include "worker/control/master_link.h"

namespace locust::worker {

// Sends all remembered lines of the log whenever there are new ones. As in stock, a worker that
// floods its log sends it one last time. Used on the control thread. `scheduler` and `link` must
// outlive it.
class LogReports {
 public:
  static constexpr Duration kInterval =
      std::chrono::seconds(10);  // runners.py WORKER_LOG_REPORT_INTERVAL
  static constexpr std::uint64_t kMaxNewLines = 70;

  // If `logs` is empty, sends nothing.
  LogReports(Scheduler& scheduler, MasterLink& link, std::string client_id,
             std::function<log::Remembered()> logs);
  ~LogReports() { scheduler_.cancel(timer_); }
  LogReports(const LogReports&) = delete;
  LogReports& operator=(const LogReports&) = delete;

  // Starts sending. Later calls have no effect.
  void begin();

 private:
  void report();

  Scheduler& scheduler_;
  MasterLink& link_;
  const std::string client_id_;
  const std::function<log::Remembered()> logs_;
  bool begun_ = false;
  std::uint64_t lines_sent_ = 0;
  TimerId timer_ = 0;
};

}  // namespace locust::worker
