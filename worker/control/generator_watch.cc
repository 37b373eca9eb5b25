#include "worker/control/generator_watch.h"

#include <utility>

#include "common/base/log.h"

namespace locust::worker {

GeneratorWatch::GeneratorWatch(std::uint64_t open_file_limit,
                               std::function<std::uint64_t()> throttled_periods)
    : open_file_limit_(open_file_limit), count_(std::move(throttled_periods)) {}

void GeneratorWatch::begin_test() {
  diagnosis_.begin_test();
  throttled_periods_ = count_throttled();
}

void GeneratorWatch::note_target(std::uint64_t users) {
  if (const auto line = diagnosis_.note_target(users, open_file_limit_)) {
    log::main().warn("{}", *line);
  }
}

void GeneratorWatch::note(const LoopReport& report, double cpu_percent) {
  const std::uint64_t throttled = count_throttled();
  GeneratorSample sample{.loop_lag = report.loop_lag,
                         .late_timers = report.late_timers,
                         .cpu_percent = cpu_percent,
                         .throttled_periods = throttled - throttled_periods_,
                         .open_files = report.open_files,
                         .open_file_limit = open_file_limit_};
  for (const auto& [key, error] : report.stats.errors) {
    const auto count = static_cast<std::uint64_t>(error.occurrences);
    if (error.error.starts_with("OSError(99,")) sample.port_failures += count;
    if (error.error.starts_with("OSError(24,")) sample.descriptor_failures += count;
  }
  throttled_periods_ = throttled;
  for (const std::string& line : diagnosis_.note(sample)) log::main().warn("{}", line);
}

}  // namespace locust::worker
