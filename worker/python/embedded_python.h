// EmbeddedPython: a PythonProgram whose process embeds the interpreter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/python/interpreter.h"
#include "worker/python/python_program.h"

namespace locust::worker {

// The interpreter's life: it begins with load() and ends with end(). What is left of it goes with
// the process.
class EmbeddedPython final : public PythonProgram {
 public:
  // Before the interpreter starts, once per process.
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
