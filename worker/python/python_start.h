// Starts locust-worker with a Python locustfile in an embedded interpreter.
#pragma once

#include <string>
#include <vector>

#include "worker/program_start.h"

namespace locust::worker {

ProgramStart start_python(int argc, const char* const* argv, const ScenarioPlace& place,
                          const std::vector<std::string>& files);

// --check of Python locustfiles. Returns the exit code.
int check_python(int argc, const char* const* argv, const ScenarioPlace& place,
                 const std::vector<std::string>& files);

}  // namespace locust::worker
