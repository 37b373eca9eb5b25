// A worker's run, whatever its users are written in: its processes, its log, and what is between
// registration and the end.
#pragma once

#include <string>
#include <vector>

#include "worker/program.h"
#include "worker/worker_options.h"

namespace locust::worker {

// `notes` are lines for the log. Returns the exit code of the process.
int run_worker(const WorkerOptions& options, const std::vector<std::string>& notes,
               TestProgram& program);

}  // namespace locust::worker
