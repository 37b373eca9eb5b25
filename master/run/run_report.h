// RunReport: the output of a run from the command line: tables or a line of progress while it runs,
// files, and final tables.
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

// Control thread. All that it is given must outlive it. Do not use after finish().
class RunReport final {
 public:
  RunReport(Scheduler& scheduler, const Master& master, const RunController& run,
            const MasterOptions& options);

  // Call these before begin(), record() first. The recorder gets every snapshot before all other
  // views, and makes the view for the file of --html at the end.
  void record(RunRecorder& recorder);
  void add(ReportLoop::View view) { loop_.add(std::move(view)); }

  // Creates the files, and the folders of those that finish() writes, and starts reporting. Returns
  // 0, or an exit code if files cannot be written, which is logged: stock's 1 if they cannot be
  // created, 2 if their content cannot be written, as on a full disk.
  int begin();
  // Call after the test. Returns false if a file is incomplete, which is logged.
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
