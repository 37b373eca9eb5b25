// ProgramStart: the result of reading a command line of locust-worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/program.h"
#include "worker/worker_options.h"

namespace locust::worker {

// A program to run, or null and an exit code if the process is done: it printed the requested
// information or an error.
struct ProgramStart {
  static ProgramStart ended(int exit_code) { return {.exit_code = exit_code}; }

  std::unique_ptr<TestProgram> program{};
  WorkerOptions options{};
  std::vector<std::string> notes{};  // lines for the log
  int exit_code = 0;
};

}  // namespace locust::worker
