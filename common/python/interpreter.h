// The CPython interpreter of a process whose test is Python.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/python/ref.h"

namespace locust::python {

struct InterpreterOptions {
  // --python-home: a virtual environment or an installation; empty: what VIRTUAL_ENV names, or what
  // was installed with the program (bundle.h), or the system's.
  std::string home;
  std::vector<std::string> argv;  // as sys.argv
};

// Once per process, before its first thread. The calling thread holds the GIL afterwards. An error
// names the environment and both versions where it is one of another Python.
Result<void> start_interpreter(const InterpreterOptions& options);

// Runs what was registered with atexit and flushes the standard streams. With the GIL held. The
// interpreter itself is left to the end of the process: parked greenlets could not be destroyed.
void end_interpreter();

// fork() in a process with an interpreter, with the GIL held: call it on both sides.
void before_fork();
void after_fork(bool is_child);

}  // namespace locust::python
