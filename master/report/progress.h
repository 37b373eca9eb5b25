// The progress of a run in one line, if no tables are printed.
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

// From the start of the test: on a terminal, the last line of stderr, updated with every snapshot
// and removed at the end; otherwise a new line with every tenth snapshot. Control thread.
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
