// Runs a worker, for scenarios and Python locustfiles: its processes, its log, and its loops from
// registration to the end.
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
