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
  bool check = false;
  bool list = false;
  bool show_task_ratio = false;
  bool show_task_ratio_json = false;
  bool dry_run = false;
  std::vector<std::string> user_classes;  // for the dry run or Python; empty: all. Files to check
  std::int64_t iterations = 0;            // for the dry run; 0: not given. In a test the master's
  std::int64_t users = 0;                 // for the ratios; 0: not given
  std::optional<std::string> profile;     // for test code
  std::optional<std::string> samples;     // file that gets every request
  bool csv_safe = false;                  // neutralize formulas in it
  std::uint64_t max_body_size = kDefaultMaxBodyBytes;
  std::vector<std::string> source_ip;  // addresses and ranges, as given
  bool reset_stats = false;
  bool equal_weights = false;
  std::vector<std::string> config_users;
  std::int64_t connect_timeout = 305;  // seconds; 0: no limit
  std::int64_t stop_timeout = 0;       // seconds
  int processes = 0;                   // as given; 0: not given
  bool as_one_process = false;         // started together with its master, with the same options
  TagOptions tags;
  ArgumentValues arguments;
};

enum class LocustfileKind { kScenario, kPython };

// Fills `options` from the environment and argv. Without a locustfile common.locustfile becomes
// locustfile.yaml if the working directory has one; otherwise it is a usage error. `arguments` are
// those of the scenario, which become options. With a Python locustfile a test accepts the names of
// user classes too. From now on the process masks the secrets of these options.
ParseOutcome parse_worker_options(int argc, const char* const* argv,
                                  const std::vector<ArgumentSpec>& arguments,
                                  WorkerOptions& options, LocustfileKind kind,
                                  LocustfileOptions locustfile = {});

// Where the scenario is. It must be read before parse_worker_options(), because its arguments are
// options. If the command line is invalid, which parse_worker_options() reports, or needs no
// scenario, the members have their defaults.
struct ScenarioPlace {
  std::optional<std::string> locustfile;  // "-": download it from the master
  bool check = false;                     // --check, of the files below too
  std::vector<std::string> files_to_check;
  std::string python_home;
  std::optional<std::string> config;
  std::string master_host = "127.0.0.1";
  int master_port = 5557;
  std::int64_t connect_timeout = 300;  // seconds, for the download; 0: no limit
  MaskOptions mask;                    // for the output of a locustfile while it is loaded
};
ScenarioPlace find_scenario(int argc, const char* const* argv);

inline constexpr int kUsageError = 2;

}  // namespace locust::worker
