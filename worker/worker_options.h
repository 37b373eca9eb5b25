// The worker's command line, with stock's names and environment variables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/options/options.h"
#include "common/scenario/scenario_arguments.h"
#include "worker/http/engine.h"

namespace locust::worker {

struct WorkerOptions {
  CommonOptions common;
  std::string master_host = "127.0.0.1";
  int master_port = 5557;
  // Instead of running:
  bool print_schema = false;
  bool validate = false;
  bool list = false;
  bool show_task_ratio = false;
  bool show_task_ratio_json = false;
  bool dry_run = false;
  std::vector<std::string> user_classes;  // for the dry run or of Python; empty: all
  std::int64_t iterations = 0;            // likewise; 0: not given. In a test the master's business
  std::int64_t users = 0;                 // for the ratios; 0: not given
  std::optional<std::string> profile;     // for test code
  std::optional<std::string> samples;     // file that gets every request
  bool csv_safe = false;                  // no formulas in it
  std::uint64_t max_body_size = kDefaultMaxBodyBytes;
  std::vector<std::string> source_ip;  // addresses and ranges, as given
  bool reset_stats = false;
  bool equal_weights = false;
  std::vector<std::string> config_users;
  std::int64_t connect_timeout = 305;  // seconds; 0: for ever
  std::int64_t stop_timeout = 0;       // seconds
  int processes = 0;                   // as given; 0: not given
  bool as_one_process = false;         // its master has the same options
  TagOptions tags;
  ArgumentValues arguments;
};

enum class LocustfileKind { kScenario, kPython };

// Fills `options` from the environment and argv. common.locustfile is set afterwards: where none was given, it is
// locustfile.yaml if the working directory has one, else a usage error.
// `arguments` are those of the scenario, which add options. Of a Python locustfile user classes may be
// named in a test too. What is to be masked is known to the process from then on.
ParseOutcome parse_worker_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  WorkerOptions& options, LocustfileKind kind);

// Where the scenario is, as parse_worker_options will find it: its arguments are options, so it is
// read before. Of a command line that is wrong, which parse_worker_options will tell, or that asks
// for no scenario, nothing counts.
struct ScenarioPlace {
  std::optional<std::string> locustfile;  // "-": at the master
  std::string python_home;
  std::string master_host = "127.0.0.1";
  int master_port = 5557;
  std::int64_t connect_timeout = 300;  // seconds, for the download; 0: for ever
  MaskOptions mask;                    // for what a locustfile shows while it is loaded
};
ScenarioPlace find_scenario(int argc, const char* const* argv);

inline constexpr int kUsageError = 2;

}  // namespace locust::worker
