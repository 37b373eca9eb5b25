// Prints the progress of a run in one line, if no tables are printed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "master/report/snapshot.h"

namespace locust::master {

// "0:35/1:00  20 users (spawning)  153.2 req/s  0.5 failures/s (0.33%)  p95 56 ms": rates and the
// chosen percentiles are those of the last ten seconds, the percentage is that of the whole run.
std::string progress_line(const Snapshot& snapshot, std::optional<Duration> run_time);

// On a terminal, updates the last line of stderr with every snapshot from the start of the test,
// and removes it at the end. Otherwise prints a new line with every tenth snapshot. Used on the
// control thread.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(std::optional<Duration> run_time);

  void see(const Snapshot& snapshot);
  void finish();

 private:
  std::optional<Duration> run_time_;
  bool on_terminal_;
  int snapshots_until_line_ = 0;
};

}  // namespace locust::master
