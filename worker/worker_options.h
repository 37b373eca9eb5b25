// The worker's command line, with stock's names and environment variables.
#pragma once

#include <cstdint>
#include <string>

#include "common/options.h"

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
  std::int64_t users = 0;              // for the ratios; 0: not given
  std::optional<std::string> samples;  // file that gets every request
};

// Fills `options` from the environment and argv. common.locustfile is set afterwards: where none was given, it is
// locustfile.yaml if the working directory has one, else a usage error.
ParseOutcome parse_worker_options(int argc, const char* const* argv, WorkerOptions& options);

}  // namespace locust::worker
