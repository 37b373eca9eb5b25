// What a command line of locust-worker leads to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/program.h"
#include "worker/worker_options.h"

namespace locust::worker {

// Either a program that is to run, or, where that is null, the exit code of a process whose work is
// done: it printed what it was asked for, or what is wrong.
struct ProgramStart {
  static ProgramStart ended(int exit_code) { return {.exit_code = exit_code}; }

  std::unique_ptr<TestProgram> program{};
  WorkerOptions options{};
  std::vector<std::string> notes{};  // lines for the log
  int exit_code = 0;
};

}  // namespace locust::worker
