#include "master/report/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <optional>

#include "common/base/log.h"
#include "master/report/text_table.h"

namespace locust::master {
namespace {

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

void ConsolePrinter::see(const Snapshot& snapshot) {
  if (!skip_) print_stats(snapshot, /*current=*/true);
  skip_ = !skip_;
}

void print_final(const Snapshot& snapshot) {
  print_stats(snapshot, /*current=*/false);
  print(percentile_table(snapshot.stats, name_width()));
  log::console().info("");
  if (!snapshot.stats.errors.empty()) print(error_table(snapshot.stats, name_width()));
}

}  // namespace locust::master
