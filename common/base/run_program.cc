#include "common/base/run_program.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <iostream>

#include "common/base/output_file.h"
#include "common/base/printable.h"
#include "common/base/sysinfo.h"

namespace locust {
namespace {

constexpr int kCannotWork = 2;
constexpr int kOutputLost = 2;
// A master has 21 open files before the first worker and the first output, a worker some more.
constexpr std::uint64_t kFewestOpenFiles = 64;

// Returns the error that makes stdout incomplete, or 0. The error of an earlier write is not
// stored, so this writes once more.
int output_error() {
  errno = 0;
  std::cout.flush();
  if (std::cout.good()) return 0;
  if (errno == 0) (void)!::write(STDOUT_FILENO, "\n", 1);
  return errno == 0 ? EIO : errno;
}

}  // namespace

int run_program(int argc, char** argv, int (*work)(int argc, char** argv)) {
  std::signal(SIGXFSZ, SIG_IGN);
  if (const std::uint64_t limit = raise_open_file_limit(); limit < kFewestOpenFiles) {
    std::cerr << "The limit of open files is " << limit << ", and at least " << kFewestOpenFiles
              << " are needed: raise it (ulimit -n, LimitNOFILE=)\n";
    return kCannotWork;
  }
  const int exit_code = work(argc, argv);
  const int error = output_error();
  if (error == 0) return exit_code;
  std::cerr << "Standard output is incomplete: " << file_error_text(error) << '\n';
  return exit_code == 0 ? kOutputLost : exit_code;
}

int fail(const std::string& message, int exit_code) {
  std::cerr << printable_lines(message) << '\n';
  return exit_code;
}

}  // namespace locust
