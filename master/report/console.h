// The console output of a run: stock's tables, every two seconds and at the end.
#pragma once

#include "master/report/snapshot.h"

namespace locust::master {

// Prints the statistics table of every second snapshot, i.e. every 2 s (stats.py stats_printer,
// CONSOLE_STATS_INTERVAL_SEC), to log::console(). Used on the control thread.
class ConsolePrinter {
 public:
  void see(const Snapshot& snapshot);

 private:
  bool skip_ = false;  // skip the next one
};

// The tables that end a run: statistics over the whole run, percentiles, error report.
void print_final(const Snapshot& snapshot);

}  // namespace locust::master
