#include "worker/control/log_reports.h"

#include <utility>

namespace locust::worker {

LogReports::LogReports(Scheduler& scheduler, MasterLink& link, std::string client_id,
                       std::function<log::Remembered()> logs)
    : scheduler_(scheduler),
      link_(link),
      client_id_(std::move(client_id)),
      logs_(std::move(logs)) {}

void LogReports::begin() {
  if (!logs_ || std::exchange(begun_, true)) return;
  report();
}

void LogReports::report() {
  timer_ = 0;
  const log::Remembered logs = logs_();
  const bool flood = lines_sent_ > 0 && logs.total - lines_sent_ > kMaxNewLines;
  if (logs.total > lines_sent_) {
    lines_sent_ = logs.total;
    link_.send(proto::Logs{.worker_id = client_id_, .logs = logs.lines, .extra = {}});
  }
  if (flood) {
    log::runners().warn(
        "The worker attempted to send more than {} log lines in one interval. Further log sending "
        "was disabled for this worker.",
        kMaxNewLines);
    return;
  }
  timer_ = scheduler_.call_after(kInterval, [this] { report(); });
}

}  // namespace locust::worker
