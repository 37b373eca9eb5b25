// The console's view of a run: stock's tables, every two seconds and at the end.
#pragma once

#include <functional>

#include "common/scheduler.h"
#include "master/report/snapshot.h"

namespace locust::master {

// Prints the statistics table at once and then every 2 s (stats.py stats_printer,
// CONSOLE_STATS_INTERVAL_SEC) to log::console(). Control thread; `scheduler` must outlive it.
class ConsolePrinter final {
 public:
  ConsolePrinter(Scheduler& scheduler, std::function<SnapshotPtr()> snapshot);
  ~ConsolePrinter() { stop(); }
  ConsolePrinter(const ConsolePrinter&) = delete;
  ConsolePrinter& operator=(const ConsolePrinter&) = delete;

  void start();
  void stop();

 private:
  Scheduler& scheduler_;
  std::function<SnapshotPtr()> snapshot_;
  TimerId timer_ = 0;
};

// The tables that end a run: statistics over the whole run, percentiles, error report.
void print_final(const Snapshot& snapshot);

}  // namespace locust::master
