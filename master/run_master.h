// What the process of a master does around its run: signals, the page, reports, keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/python/python_master.h"
#include "master/run/master_options.h"
#include "master/run/run_inputs.h"

namespace locust::master {

// Exit code of a run that went well and whose reports or log lack something.
inline constexpr int kOutputLost = 2;

// Signals and the log, before any thread exists; logs the notes. An exit code ends the process; the
// reason is on standard error.
std::optional<int> set_up_process(const MasterOptions& options,
                                  const std::vector<std::string>& notes);

// From the first socket to the last report. `python` may be null. Returns the exit code.
int run_master(const MasterOptions& options, RunInputs inputs, PythonMaster* python);

}  // namespace locust::master
