// The common parts of each program's main().
#pragma once

#include <string>

namespace locust {

// Checks the limits of the process, runs `work` and returns the exit code: that of `work`, or 2
// with one line on stderr if the limit of open files is too low, or if `work` succeeded but stdout
// is incomplete. A write beyond the limit of file sizes becomes an error instead of ending the
// process. Must be called first.
int run_program(int argc, char** argv, int (*work)(int argc, char** argv));

// Prints the message to stderr and returns the exit code.
int fail(const std::string& message, int exit_code);

}  // namespace locust
