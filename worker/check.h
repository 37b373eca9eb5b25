// --check: describes what is wrong with the files of a test, without running it.
#pragma once

#include "worker/worker_options.h"

namespace locust::worker {

// Python locustfiles are checked without being executed, scenarios as by --validate. Returns the
// exit code.
int check(int argc, const char* const* argv, const ScenarioPlace& place);

}  // namespace locust::worker
