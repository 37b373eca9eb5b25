// The part of Worker that sends reports.

#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/printable.h"
#include "worker/control/worker.h"

namespace locust::worker {
namespace {

std::int64_t total(const UserCounts& counts) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

void Worker::complete_spawning(const UserCounts& counts) {
  if (stopping_ || is_leaving())
    return;  // the master may no longer know this worker when it receives this
  proto::SpawningComplete complete;
  complete.user_classes_count = counts;
  complete.user_count = total(counts);
  link_.send(std::move(complete));
  state_ = WorkerState::kRunning;
}

void Worker::report_periodically() {
  report_timer_ = scheduler_.call_after(kReportInterval, [this] { report_periodically(); });
  exceptions_.log_counts();
  send_report([] {});
}

void Worker::send_report(std::function<void()> then) {
  users_.take_report([this, then = std::move(then)](LoopReport report) {
    if (state_ != WorkerState::kReady) watch_.note(report, link_.cpu_usage());
    proto::Stats stats{.report = std::move(report.stats),
                       .user_classes_count = report.user_classes_count,
                       .user_count = total(report.user_classes_count),
                       .extension = {},
                       .extra = std::move(report.extra)};
    for (auto& [key, error] : stats.report.errors) {
      if (!error.exchange) continue;
      log::runners().warn("First failure of {}\n{}", printable(error.to_name()),
                          error.exchange->to_text("    "));
      if (!extension_.is_understood()) error.exchange = nullptr;
    }
    stats.extension = extension_.take(report.tasks_begun);
    link_.send(std::move(stats));
    then();
  });
}

void Worker::report_exception(const TaskException& raised) {
  const TaskException exception{masked(raised.message), masked(raised.traceback)};
  exceptions_.log(exception);
  if (!link_.connected() || leaving_ == Leaving::kOver || !exceptions_.may_send()) return;
  proto::Exception message;
  message.msg = exception.message;
  message.traceback = exception.traceback;
  link_.send(std::move(message));
}

void Worker::stop_test(std::string_view reason) {
  if (is_leaving() || !extension_.ask_to_stop_test()) return;
  if (!reason.empty()) log::runners().info("{}", reason);
  if (!extension_.is_understood()) return quit();
  send_report([] {});
}

}  // namespace locust::worker
