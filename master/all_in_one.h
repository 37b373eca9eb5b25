// All-in-one runs: a master and its workers on this machine, from one command line.
#pragma once

#include <string>
#include <vector>

namespace locust::master {

using Arguments = std::vector<std::string>;

// Replaces this process by the program of that name beside this one.
[[noreturn]] void become(const std::string& program, const Arguments& arguments);

// `arguments` with `more` options, which count more than those before them.
Arguments with_options(Arguments arguments, const Arguments& more);

// Who chooses a worker's exit code: a Python locustfile may.
enum class ExitCodes { kOfTheProgram, kOfTheTest };

// Runs locust-master and beside it locust-worker with these arguments, on a port of their own.
// `processes` is how many workers. Returns the exit code: the master's, or the
// worker's if that failed while the master still waited for it. Before any thread exists.
int run_all_in_one(const Arguments& of_master, const Arguments& of_worker, int processes,
                   ExitCodes exit_codes = ExitCodes::kOfTheProgram);

}  // namespace locust::master
