// The CPython interpreter of a process that runs a Python test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/python/ref.h"

namespace locust::python {

struct InterpreterOptions {
  // --python-home: a virtual environment or an installation. If empty, the one that VIRTUAL_ENV
  // names, or that was installed with the program (bundle.h), or the system's.
  std::string home;
  std::vector<std::string> argv;  // sys.argv
};

// Once per process, before its first thread. The calling thread holds the GIL afterwards. If the
// environment is for another version of Python, the error names it and both versions.
Result<void> start_interpreter(const InterpreterOptions& options);

// Runs the functions registered with atexit and flushes the standard streams. Requires the GIL. The
// interpreter is not finalized, because parked greenlets could not be destroyed.
void end_interpreter();

// Call these around fork() in a process with an interpreter, with the GIL held; after_fork() on
// both sides.
void before_fork();
void after_fork(bool is_child);

}  // namespace locust::python
