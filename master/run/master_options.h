// The master's command line, with stock's names and environment variables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/options/options.h"
#include "common/scenario/scenario_arguments.h"
#include "common/stats/csv.h"
#include "master/cluster/worker_losses.h"
#include "master/report/checks.h"

namespace locust::master {

// Where and how often statistics are reported.
struct ReportOptions {
  bool only_summary = false;
  std::optional<std::string> csv_prefix;
  bool csv_full_history = false;
  bool csv_safe = false;
  bool json = false;
  std::optional<std::string> json_file;  // without the extension
  bool reset_stats = false;
  bool print_stats = false;  // also while there is a web page
  std::optional<std::string> html_file;
  std::string percentiles = "50,95,99";  // as parse_percentiles takes them

  CsvCells csv_cells() const { return csv_safe ? CsvCells::kSafe : CsvCells::kRaw; }
};

// The criteria of a run's success, and how its verdicts are reported.
struct VerdictOptions {
  std::optional<int> exit_code_on_error;
  std::vector<std::string> thresholds;  // in addition to the scenario's
  CheckOptions checks;
  bool fail_on_invalid = false;
  std::optional<std::string> junit_file;
};

// The web server.
struct WebOptions {
  std::string host = "*";
  std::optional<std::string> host_display_name;
  int port = 8089;
  std::string base_path;  // empty, or with a leading slash and no trailing one
  bool class_picker = false;
  bool login = false;
  std::optional<std::string> users_file;
  std::vector<std::string> allowed_hosts;  // as web::parse_allowed_hosts() returns them
  std::optional<std::string> tls_cert;     // both or none
  std::optional<std::string> tls_key;
};

struct MasterOptions {
  CommonOptions common;
  WebOptions web;
  bool headless = false;
  bool autostart = false;
  std::int64_t autoquit = -1;  // seconds after the run; -1: not given
  ReportOptions report;
  std::optional<std::int64_t> users;     // not given: 1
  std::optional<double> spawn_rate;      // users per second; not given: 1
  std::optional<std::int64_t> run_time;  // seconds
  std::int64_t iterations = 0;           // tasks of all workers; 0: no limit
  bool equal_weights = false;
  std::optional<std::string> shape;
  std::optional<std::string> profile;  // a name for runs that belong together
  std::int64_t expect_workers = 1;
  std::int64_t expect_workers_max_wait = 0;  // seconds; 0: for ever
  bool enable_rebalancing = false;
  OnWorkerLoss on_worker_loss = OnWorkerLoss::kContinue;
  std::string master_bind_host = "*";
  int master_bind_port = 5557;
  bool bind_address_given = false;  // either of the two
  std::int64_t stop_timeout = 0;    // seconds
  VerdictOptions verdicts;
  std::vector<std::string> config_users;
  std::vector<std::string> user_classes;
  int processes = 0;  // as given; 0: not given
  bool as_one_process = false;
  bool master_mode = false;  // --master was given
  bool worker_mode = false;
  // Instead of running:
  bool print_options = false;
  bool hash_password = false;
  std::vector<std::string> compare;  // two files
  bool describe = false;             // an option that locust-worker handles without a master
  TagOptions tags;
  ArgumentValues arguments;
  std::vector<std::string> arguments_of_worker;  // from argv, for workers of --processes
};

// The value of -f that parse_master_options will find. Needed before, because the test adds
// options.
struct LocustfilePlace {
  std::optional<std::string> file;
  std::string python_home;
  std::optional<std::string> config;
  MaskOptions mask;         // for the output of a locustfile while it is loaded
  bool for_others = false;  // this process only starts others, which read the file
};
LocustfilePlace find_locustfile(int argc, const char* const* argv);

// Fills `options` from the environment and argv. With --master or --processes, common.locustfile
// defaults to that of the working directory (default_locustfile). `arguments` are those of the
// scenario, which add options. Without `locustfile` there is a Python locustfile that is not loaded
// here: its arguments are not known, so unknown options are no error.
ParseOutcome parse_master_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  MasterOptions& options,
                                  std::optional<LocustfileOptions> locustfile = {{}});

}  // namespace locust::master
