// RunReport: all that a run from the command line tells of its statistics: tables or a line of
// progress while it goes on, files, and what ends it.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "common/base/result.h"
#include "common/base/scheduler.h"
#include "master/cluster/master.h"
#include "master/report/console.h"
#include "master/report/csv_files.h"
#include "master/report/progress.h"
#include "master/report/report_loop.h"
#include "master/run/master_options.h"
#include "master/run/run_controller.h"
#include "master/run/run_recorder.h"

namespace locust::master {

// Control thread; everything that it is given must outlive it. Of no more use after finish().
class RunReport final {
 public:
  RunReport(Scheduler& scheduler, const Master& master, const RunController& run,
            const MasterOptions& options);

  // Of these two, before begin(). The recorder is shown every snapshot before all other views are,
  // and at the end makes the view for the file of --html.
  void record(RunRecorder& recorder);
  void add(ReportLoop::View view) { loop_.add(std::move(view)); }

  // Creates the files, and the folders of those that finish() writes, and begins to report. Returns
  // 0, or the exit code where files cannot be written, which was logged: stock's 1, or 2 where a full
  // disk or the like takes no content.
  int begin();
  // After the test. False: a file lacks something, which was logged.
  bool finish();

 private:
  Result<void> create_folders() const;
  bool write_html(const SnapshotPtr& snapshot);

  const Master& master_;
  const RunController& run_;
  const MasterOptions& run_options_;
  const ReportOptions& options_;
  RunRecorder* recorder_ = nullptr;
  ReportLoop loop_;
  ConsolePrinter console_;
  ProgressPrinter progress_;
  std::optional<CsvFiles> csv_;
};

}  // namespace locust::master
