// Starts locust-worker with a YAML scenario.
#pragma once

#include <string>
#include <vector>

#include "worker/program_start.h"

namespace locust::worker {

// `files` is empty if no scenario was given.
ProgramStart start_scenario(int argc, const char* const* argv,
                            const std::vector<std::string>& files);

}  // namespace locust::worker
