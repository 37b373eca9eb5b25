// LogReports: the worker's log for masters that show it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/log.h"
#include "common/base/scheduler.h"
#include "worker/control/master_link.h"

namespace locust::worker {

// Sends the whole memory of the log whenever it has grown. As in stock, a worker that floods its
// log sends it once more and never again. The control thread's; `scheduler` and `link` outlive it.
class LogReports {
 public:
  static constexpr Duration kInterval =
      std::chrono::seconds(10);  // runners.py WORKER_LOG_REPORT_INTERVAL
  static constexpr std::uint64_t kMaxNewLines = 70;

  // An empty `logs` sends none.
  LogReports(Scheduler& scheduler, MasterLink& link, std::string client_id,
             std::function<log::Remembered()> logs);
  ~LogReports() { scheduler_.cancel(timer_); }
  LogReports(const LogReports&) = delete;
  LogReports& operator=(const LogReports&) = delete;

  // Once; later calls do nothing.
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
