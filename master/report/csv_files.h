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

// Control thread. Every snapshot becomes a row of PREFIX_stats_history.csv (one for each entry with
// `full_history`); with every fifth (CSV_STATS_FLUSH_INTERVAL_SEC) all four files are updated. If
// one cannot be written, that is logged once, it is tried again with the next flush, and the test
// continues. Rows of the history wait in up to 4 MiB; further ones are dropped.
class CsvFiles {
 public:
  struct Options {
    std::string prefix;
    bool full_history = false;
    CsvCells cells = CsvCells::kRaw;
  };
  // Creates the folders of the prefix and the history. The error names what cannot be created.
  static Result<CsvFiles> create(Options options);

  // Call once, first: writes the files for `first`. The error names the first file that cannot be
  // written.
  Result<void> begin(const Snapshot& first);
  // Once a second.
  void see(const Snapshot& snapshot);
  // The last snapshot of the run, in its own second. Returns false, after logging it, if a file is
  // incomplete.
  bool finish(const Snapshot& snapshot);

 private:
  CsvFiles(Options options, GrowingFile history)
      : options_(std::move(options)), history_(std::move(history)) {}

  void add_history_rows(const Snapshot& snapshot, std::int64_t second);
  Result<void> write(const Snapshot& snapshot);

  Options options_;
  GrowingFile history_;
  std::string pending_rows_;  // not yet in history_
  std::string lost_rows_;     // why rows were dropped; empty if none were
  std::int64_t last_second_ = 0;
  int unwritten_snapshots_ = 0;
  bool failure_logged_ = false;
};

}  // namespace locust::master
