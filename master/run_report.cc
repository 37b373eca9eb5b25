#include "master/run_report.h"

#include <iostream>
#include <utility>

#include "common/log.h"
#include "master/report/report_file.h"
#include "master/report/stats_json.h"

namespace locust::master {

RunReport::RunReport(Scheduler& scheduler, const Master& master, const ReportOptions& options,
                     std::optional<Duration> run_time)
    : master_(master),
      options_(options),
      loop_(scheduler, [&master] { return master.snapshot(); }),
      progress_(run_time) {}

Result<void> RunReport::begin() {
  if (options_.csv_prefix) {
    auto files =
        CsvFiles::create(*options_.csv_prefix, options_.csv_full_history, *master_.snapshot());
    if (!files) return Error{"--csv: cannot write " + files.error()};
    csv_.emplace(*std::move(files));
    loop_.add([this](const Snapshot& snapshot) { csv_->see(snapshot); });
  }
  if (options_.only_summary) {
    loop_.add([this](const Snapshot& snapshot) { progress_.see(snapshot); });
  } else {
    loop_.add([this](const Snapshot& snapshot) { console_.see(snapshot); });
  }
  loop_.start();
  return {};
}

bool RunReport::finish() {
  loop_.stop();
  if (options_.only_summary) progress_.finish();
  const SnapshotPtr snapshot = master_.snapshot();
  bool complete = true;
  if (csv_) complete = csv_->finish(*snapshot);
  if (options_.json) std::cout << stats_json(master_.stats()) << std::endl;
  // As in stock, a JSON file takes the place of the tables.
  if (!options_.json_file) {
    print_final(*snapshot);
  } else if (const auto written =
                 replace_file(*options_.json_file + ".json", stats_json(master_.stats()));
             !written) {
    log::main().error("--json-file: cannot write {}", written.error());
    complete = false;
  }
  return complete;
}

}  // namespace locust::master
