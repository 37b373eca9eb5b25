// The worker's command line, with stock's names and environment variables.
#pragma once

#include <string>

#include "common/options.h"

namespace locust::worker {

struct WorkerOptions {
  CommonOptions common;
  std::string master_host = "127.0.0.1";
  int master_port = 5557;
  std::optional<std::string> samples;  // file that gets every request
};

// Fills `options` from the environment and argv. common.locustfile is set afterwards: where none was given, it is
// locustfile.yaml if the working directory has one, else a usage error.
ParseOutcome parse_worker_options(int argc, const char* const* argv, WorkerOptions& options);

}  // namespace locust::worker
