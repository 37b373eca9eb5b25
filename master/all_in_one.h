// All-in-one runs: a master and its workers on this machine, from one command line.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"

namespace locust::master {

using Arguments = std::vector<std::string>;

// Replaces this process by the program of that name beside this one.
[[noreturn]] void become(const std::string& program, const Arguments& arguments);

// `arguments` with `more` options, which override those before them.
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

// Runs locust-master and locust-worker on a port of their own. Requires that no thread exists.
// Returns the exit code: the master's, the worker's if that failed while the master still waited
// for it, or 1 instead of 0 if one of them had to be killed.
//
// Both end with this process. After the master the worker must end within the stop timeout plus
// kEndGrace; after a signal the master must end within the stop timeout plus kMasterGrace; after a
// second signal both must end within kEndGrace.
int run_all_in_one(const AllInOne& run);

// The longest time that a master waits for its workers' last reports (Shutdown::kQuitGrace,
// Shutdown::kReadGrace), and some more to write its files.
inline constexpr Duration kMasterGrace = std::chrono::seconds(60);

}  // namespace locust::master
