#include "master/report/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "common/log.h"
#include "common/text_table.h"

namespace locust::master {
namespace {

constexpr Duration kInterval = std::chrono::seconds(2);

int name_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return stats_name_width(std::nullopt);
  return stats_name_width(size.ws_col);
}

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) log::console().info("{}", line);
}

void print_stats(const Snapshot& snapshot, bool current) {
  print(stats_table(snapshot.stats, current, name_width()));
  log::console().info("");
}

}  // namespace

ConsolePrinter::ConsolePrinter(Scheduler& scheduler, std::function<SnapshotPtr()> snapshot)
    : scheduler_(scheduler), snapshot_(std::move(snapshot)) {}

void ConsolePrinter::start() {
  print_stats(*snapshot_(), /*current=*/true);
  timer_ = scheduler_.call_after(kInterval, [this] { start(); });
}

void ConsolePrinter::stop() { scheduler_.cancel(std::exchange(timer_, 0)); }

void print_final(const Snapshot& snapshot) {
  print_stats(snapshot, /*current=*/false);
  print(percentile_table(snapshot.stats, name_width()));
  log::console().info("");
  if (!snapshot.stats.errors.empty()) print(error_table(snapshot.stats, name_width()));
}

}  // namespace locust::master
