// locust-worker with a Python locustfile.
#pragma once

#include <string>
#include <vector>

#include "worker/worker_options.h"

namespace locust::worker {

// The whole program, for these files. Returns the exit code.
int run_python(int argc, const char* const* argv, const ScenarioPlace& place,
               const std::vector<std::string>& files);

}  // namespace locust::worker
