// All-in-one runs: a master and its workers on this machine, from one command line.
#pragma once

#include <string>
#include <vector>

namespace locust::master {

using Arguments = std::vector<std::string>;

// Replaces this process by the program of that name beside this one.
[[noreturn]] void become(const std::string& program, const Arguments& arguments);

// Runs locust-master with `arguments` and beside it locust-worker with what both take, on a port of
// their own. `processes` is what the worker is told, as --processes takes it; 0: one worker. Returns
// the exit code. Before any thread exists.
int run_all_in_one(const Arguments& arguments, int processes);

}  // namespace locust::master
