// RunReport: all that a run from the command line tells of its statistics: tables or a line of
// progress while it goes on, files, and what ends it.
#pragma once

#include <optional>

#include "common/result.h"
#include "common/scheduler.h"
#include "master/master.h"
#include "master/master_options.h"
#include "master/report/console.h"
#include "master/report/csv_files.h"
#include "master/report/progress.h"
#include "master/report/report_loop.h"

namespace locust::master {

// Control thread; everything that it is given must outlive it. Of no more use after finish().
class RunReport final {
 public:
  // `run_time`: until the test ends by itself.
  RunReport(Scheduler& scheduler, const Master& master, const ReportOptions& options,
            std::optional<Duration> run_time);

  // Creates the files, which can fail, and begins to report.
  Result<void> begin();
  // After the test. False: a file lacks something, which was logged.
  bool finish();

 private:
  const Master& master_;
  const ReportOptions& options_;
  ReportLoop loop_;
  ConsolePrinter console_;
  ProgressPrinter progress_;
  std::optional<CsvFiles> csv_;
};

}  // namespace locust::master
