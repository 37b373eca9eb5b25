// What main() of each program does around its work.
#pragma once

namespace locust {

// Checks that the process can work within its limits, runs `work` and returns the exit code: what
// work returns, or 2 with one line on standard error where the limit of open files is too low, or
// where work ended well but standard output lacks something. A write beyond the limit of file sizes
// is then an error and not the end of the process. To be called first.
int run_program(int argc, char** argv, int (*work)(int argc, char** argv));

}  // namespace locust
