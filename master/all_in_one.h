// All-in-one runs: a master and its workers on this machine, from one command line.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"

namespace locust::master {

using Arguments = std::vector<std::string>;

// Replaces this process by the program of that name beside this one.
[[noreturn]] void become(const std::string& program, const Arguments& arguments);

// `arguments` with `more` options, which count more than those before them.
Arguments with_options(Arguments arguments, const Arguments& more);

// Who chooses a worker's exit code: a Python locustfile may.
enum class ExitCodes { kOfTheProgram, kOfTheTest };

struct AllInOne {
  Arguments of_master;
  Arguments of_worker;
  int processes = 1;        // of the worker
  Duration stop_timeout{};  // of the users
  ExitCodes exit_codes = ExitCodes::kOfTheProgram;
};

// Runs locust-master and beside it locust-worker, on a port of their own. Returns the exit code: the
// master's, the worker's if that failed while the master still waited for it, or 1 instead of 0 if
// one of them had to be killed. Before any thread exists.
//
// Both end with this process. The worker has the stop timeout and kEndGrace to end after the master;
// the master, once a signal has asked it to, kMasterGrace beside the stop timeout; after a second
// signal both have kEndGrace.
int run_all_in_one(const AllInOne& run);

// What a master waits for its workers' last reports at most, and some to write its files
// (Shutdown::kQuitGrace, Shutdown::kReadGrace).
inline constexpr Duration kMasterGrace = std::chrono::seconds(60);

}  // namespace locust::master
