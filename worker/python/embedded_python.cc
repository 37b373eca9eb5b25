#include "worker/python/embedded_python.h"

#include "common/python/exit_request.h"
#include "common/python/locustfile.h"
#include "worker/python/worker_module.h"

namespace locust::worker {

EmbeddedPython::EmbeddedPython() { PyImport_AppendInittab("_locust_worker", &init_worker_module); }

std::optional<int> EmbeddedPython::load(const python::InterpreterOptions& options,
                                        const std::vector<std::string>& files) {
  return python::load_locustfiles(options, files);
}

void EmbeddedPython::before_fork() { python::before_fork(); }

void EmbeddedPython::after_fork(ForkSide side) { python::after_fork(side == ForkSide::kChild); }

// Code that runs at the interpreter's end may change the exit code.
int EmbeddedPython::end(int exit_code) {
  exit_code = PythonProgram::end(exit_code);
  python::end_interpreter();
  return python::requested_exit_code().value_or(exit_code);
}

}  // namespace locust::worker
