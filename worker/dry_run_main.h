// locust-worker --dry-run.
#pragma once

#include "worker/scenario/scenario_program.h"
#include "worker/worker_options.h"

namespace locust::worker {

// Runs it to its end, or until a signal, with standard output as what is read; the exit code.
int run_dry(const WorkerOptions& options, ScenarioProgram& program);

}  // namespace locust::worker
