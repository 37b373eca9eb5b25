// The half of Worker that talks: what it reports to the master, and what it says of itself.

#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/printable.h"
#include "worker/control/worker.h"

namespace locust::worker {
namespace {

proto::UserClassesCount to_wire(const UserClassesCount& counts) {
  return {counts.begin(), counts.end()};
}

std::int64_t total(const UserClassesCount& counts) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

void Worker::complete_spawning(const UserClassesCount& counts) {
  if (stopping_ || quitting_)
    return;  // the master may have forgotten this worker by the time it reads this
  proto::SpawningComplete complete;
  complete.user_classes_count = to_wire(counts);
  complete.user_count = total(counts);
  link_.send(std::move(complete));
  state_ = WorkerState::kRunning;
}

void Worker::report_periodically() {
  report_timer_ = scheduler_.call_after(kReportInterval, [this] { report_periodically(); });
  log_exception_counts();
  send_report([] {});
}

void Worker::send_report(std::function<void()> then) {
  users_.take_report([this, then = std::move(then)](LoopReport report) {
    if (state_ != WorkerState::kReady) diagnose(report);
    proto::Stats stats{.report = std::move(report.stats),
                       .user_classes_count = to_wire(report.user_classes_count),
                       .user_count = total(report.user_classes_count),
                       .extension = {},
                       .extra = std::move(report.extra)};
    for (auto& [key, error] : stats.report.errors) {
      if (!error.exchange) continue;
      log::runners().warn("First failure of {}\n{}", printable(error.to_name()),
                          error.exchange->to_text("    "));
      if (!extended_) error.exchange = nullptr;
    }
    if (std::exchange(announce_classes_, false)) {
      stats.extension = proto::StatsExtension{
          config_.user_classes, extended_ ? config_.files : FileDigests(), {}};
    }
    // The first one says that this worker counts them.
    if (extended_ && (stats.extension || report.tasks_begun > 0)) {
      if (!stats.extension) stats.extension.emplace();
      stats.extension->extra.emplace_back("tasks", static_cast<std::int64_t>(report.tasks_begun));
    }
    if (std::exchange(ask_to_stop_test_, false)) {
      if (!stats.extension) stats.extension.emplace();
      stats.extension->extra.emplace_back("stop_test", true);
    }
    if (const auto end = std::exchange(end_, std::nullopt)) {
      if (!stats.extension) stats.extension.emplace();
      if (end->asked_for) stats.extension->extra.emplace_back("exit_code", end->exit_code);
      if (end->uncaught) stats.extension->extra.emplace_back("uncaught", true);
    }
    link_.send(std::move(stats));
    then();
  });
}

void Worker::diagnose(const LoopReport& report) {
  const std::uint64_t throttled = config_.throttled_periods ? config_.throttled_periods() : 0;
  GeneratorSample sample{.loop_lag = report.loop_lag,
                         .late_timers = report.late_timers,
                         .cpu_percent = link_.cpu_usage(),
                         .throttled_periods = throttled - throttled_periods_,
                         .open_files = report.open_files,
                         .open_file_limit = config_.open_file_limit};
  for (const auto& [key, error] : report.stats.errors) {
    const auto count = static_cast<std::uint64_t>(error.occurrences);
    if (error.error.starts_with("OSError(99,")) sample.port_failures += count;
    if (error.error.starts_with("OSError(24,")) sample.descriptor_failures += count;
  }
  throttled_periods_ = throttled;
  for (const std::string& line : diagnosis_.note(sample)) log::main().warn("{}", line);
}

proto::Value::Map Worker::heartbeat_extra() const {
  if (!extended_) return {};
  const std::vector<std::string> found = diagnosis_.found();
  proto::Value::Map extra = {{"loop_lag_ms", to_ms(diagnosis_.last().loop_lag)},
                             {"late_timers", diagnosis_.last().late_timers},
                             {"generator_bound", proto::Value::Array(found.begin(), found.end())}};
  if (held_up_by_) extra.emplace_back("unfinished", *held_up_by_);
  if (!secret_.empty()) extra.emplace_back(proto::kSecretKey, secret_);
  return extra;
}

// Stock logs each, which a broken task of many users would make a flood of: the first of each kind
// is shown, the others are counted.
void Worker::log_exception(const TaskException& exception) {
  const bool is_new = exceptions_seen_.size() < kMaxExceptionsSeen &&
                      exceptions_seen_.insert(exception.message + exception.traceback).second;
  if (is_new) {
    log::user().error("{}\n{}", exception.message, exception.traceback);
  } else {
    ++exceptions_repeated_;
  }
}

void Worker::log_exception_counts() {
  if (exceptions_repeated_ > 0) {
    log::user().error("{} more exceptions like those above",
                      std::exchange(exceptions_repeated_, 0));
  }
  if (exceptions_dropped_ > 0) {
    log::runners().warn("{} exceptions were not sent to the master, to keep it responsive",
                        std::exchange(exceptions_dropped_, 0));
  }
}

// Stock sends one message per exception, without limit; thousands a second would drown a master.
void Worker::report_exception(const TaskException& raised) {
  const TaskException exception{masked(raised.message), masked(raised.traceback)};
  log_exception(exception);
  if (!link_.connected() || finished_called_) return;
  const TimePoint now = scheduler_.clock().now();
  if (now - exception_second_ >= std::chrono::seconds(1)) {
    exception_second_ = now;
    exceptions_sent_ = 0;
  }
  if (exceptions_sent_ == kExceptionsPerSecond) {
    ++exceptions_dropped_;
    return;
  }
  ++exceptions_sent_;
  proto::Exception message;
  message.msg = exception.message;
  message.traceback = exception.traceback;
  link_.send(std::move(message));
}

void Worker::stop_test(std::string_view reason) {
  if (quitting_ || std::exchange(stop_test_asked_, true)) return;
  if (!reason.empty()) log::runners().info("{}", reason);
  if (!extended_) return quit();
  ask_to_stop_test_ = true;
  send_report([] {});
}

void Worker::begin_log_reports() {
  if (!config_.logs || std::exchange(sends_logs_, true)) return;
  report_logs();
}

// The whole memory, whenever it has grown. As in stock, a worker that floods its log sends it once
// more and never again.
void Worker::report_logs() {
  log_timer_ = 0;
  const log::Remembered logs = config_.logs();
  const bool flood = lines_sent_ > 0 && logs.total - lines_sent_ > kMaxNewLogLines;
  if (logs.total > lines_sent_) {
    lines_sent_ = logs.total;
    link_.send(proto::Logs{.worker_id = config_.client_id, .logs = logs.lines, .extra = {}});
  }
  if (flood) {
    log::runners().warn(
        "The worker attempted to send more than {} log lines in one interval. Further log sending "
        "was disabled for this worker.",
        kMaxNewLogLines);
    return;
  }
  log_timer_ = scheduler_.call_after(kLogReportInterval, [this] { report_logs(); });
}

}  // namespace locust::worker
