#include "master/report/progress.h"

#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr int kSnapshotsPerLine = 10;

// "0:35", "1:00:00".
std::string clock_time(double seconds) {
  const std::int64_t total = to_second(seconds > 0 ? seconds : 0);
  const std::int64_t hours = total / 3600;
  const std::int64_t minutes = total / 60 % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, total % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
}

// "12 ms", "0.18 ms", or "-" if unknown.
std::string milliseconds_text(const std::optional<double>& ms) {
  if (!ms) return "-";
  const int digits = *ms >= 10 || *ms == std::trunc(*ms) ? 0 : 2;
  return fmt::format("{:.{}f} ms", *ms, digits);
}

bool is_terminal() {
  const char* const kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

// A line that wraps could not be overwritten. The line is ASCII.
void cut_to_terminal(std::string& line) {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    line.resize(std::min<std::size_t>(line.size(), size.ws_col - 1U));
  }
}

}  // namespace

std::string progress_line(const Snapshot& snapshot, std::optional<Duration> run_time) {
  const StatsRow& total = snapshot.stats.total;
  std::string line = clock_time(snapshot.time - snapshot.start_time.value_or(snapshot.time));
  if (run_time) line.append("/").append(clock_time(to_seconds(*run_time)));
  line += fmt::format("  {} users", snapshot.user_count);
  if (snapshot.state != "running") line += fmt::format(" ({})", snapshot.state);
  line += fmt::format("  {:.1f} req/s  {:.1f} failures/s ({:.2f}%)", total.current_rps,
                      total.current_fail_per_sec, total.fail_ratio * 100);
  for (std::size_t i = 0; i < total.chosen.size(); ++i) {
    line += fmt::format("  p{:.6g} {}", snapshot.stats.percentiles[i] * 100,
                        milliseconds_text(total.chosen[i].current));
  }
  return line;
}

ProgressPrinter::ProgressPrinter(std::optional<Duration> run_time)
    : run_time_(run_time), on_terminal_(is_terminal()) {}

void ProgressPrinter::see(const Snapshot& snapshot) {
  if (!snapshot.start_time) return;
  if (on_terminal_) {
    std::string line = progress_line(snapshot, run_time_);
    cut_to_terminal(line);
    log::show_status(line);
  } else if (snapshots_until_line_-- == 0) {
    snapshots_until_line_ = kSnapshotsPerLine - 1;
    log::console().info("{}", progress_line(snapshot, run_time_));
  }
}

void ProgressPrinter::finish() {
  if (on_terminal_) log::show_status("");
}

}  // namespace locust::master
