// CsvFiles: the four files of --csv, with stock's content and times (stats.py StatsCSVFileWriter).
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/base/output_file.h"
#include "common/base/result.h"
#include "common/stats/csv.h"
#include "master/report/snapshot.h"

namespace locust::master {

// The content of PREFIX_exceptions.csv.
std::string exceptions_csv(const Snapshot& snapshot, CsvCells cells = CsvCells::kRaw);

// Used on the control thread. Every snapshot becomes a row of PREFIX_stats_history.csv (one for
// each entry with `full_history`). Every fifth snapshot (CSV_STATS_FLUSH_INTERVAL_SEC) updates all
// four files. A file that cannot be written is logged once and tried again with the next flush; the
// test continues. Up to 4 MiB of history rows wait; further ones are dropped.
class CsvFiles {
 public:
  struct Options {
    std::string prefix;
    bool full_history = false;
    CsvCells cells = CsvCells::kRaw;
  };
  // Creates the folders of the prefix and the history. The error names what cannot be created.
  static Result<CsvFiles> create(Options options);

  // Must be the first call, once: writes the files for `first`. The error names the first file that
  // cannot be written.
  Result<void> begin(const Snapshot& first);
  // Once a second.
  void see(const Snapshot& snapshot);
  // Adds the last snapshot of the run. Returns false if a file is incomplete, after logging it.
  bool finish(const Snapshot& snapshot);

 private:
  CsvFiles(Options options, GrowingFile history)
      : options_(std::move(options)), history_(std::move(history)) {}

  void add_history_rows(const Snapshot& snapshot, std::int64_t second);
  Result<void> write(const Snapshot& snapshot);

  Options options_;
  GrowingFile history_;
  std::string pending_rows_;  // not yet in history_
  std::string lost_rows_;     // the reason why rows were dropped; empty if none were
  std::int64_t last_second_ = 0;
  int unwritten_snapshots_ = 0;
  bool failure_logged_ = false;
};

}  // namespace locust::master
