// EmbeddedPython: a PythonProgram whose process embeds the interpreter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/python/interpreter.h"
#include "worker/python/python_program.h"

namespace locust::worker {

// load() starts the interpreter and end() ends it. Its memory is freed only by the end of the
// process.
class EmbeddedPython final : public PythonProgram {
 public:
  // Requires that the interpreter has not started. Once per process.
  EmbeddedPython();

  // Starts the interpreter and imports the files. Prints errors to stderr and returns the exit
  // code.
  static std::optional<int> load(const python::InterpreterOptions& options,
                                 const std::vector<std::string>& files);

  void before_fork() override;
  void after_fork(ForkSide side) override;
  int end(int exit_code) override;
};

}  // namespace locust::worker
