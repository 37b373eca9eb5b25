// PythonProgram: the locustfiles of a worker, as what its users' loop and its control thread need.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/options/config_users.h"
#include "common/python/locustfile.h"
#include "common/python/stall_watch.h"
#include "worker/loop/user_loop.h"
#include "worker/python/worker_module.h"

namespace locust::worker {

// Loaded on the main thread, which then lets the GIL go for good: while the loop runs it is held by
// the loop's thread, but for the loop's waits. One per process.
class PythonProgram {
 public:
  PythonProgram();
  ~PythonProgram();
  PythonProgram(const PythonProgram&) = delete;
  PythonProgram& operator=(const PythonProgram&) = delete;

  // Imports the files; what is wrong is told on standard error and gives the exit code.
  std::optional<int> load(const python::InterpreterOptions& options,
                          const std::vector<std::string>& files);
  // Makes the environment and fires init. `options` is a dict with stock's names.
  std::optional<int> begin(const python::Ref& options, const std::string& client_id,
                           const std::vector<UserConfig>& configs);

  const std::vector<python::LocustfileClass>& classes() const { return classes_; }
  // Sets all that depends on the test. It must outlive the loop.
  void add_to(UserLoopOptions& options);
  WorkerRequests& requests() { return requests_; }
  // Which line of Python holds up the loop, as RunParts::blocked_by.
  std::function<std::string()> blocked_by() const {
    return [question = question_] { return question->ask(); };
  }
  // A message of the test's own, on the loop's thread.
  static void receive(const std::string& type, const proto::Value& data);
  // A heartbeat of the master's, on the loop's thread.
  static void tell_heartbeat();

  // After the loop has ended, with the GIL held: fires quit, and ends the interpreter. Returns the exit code.
  int end(int exit_code);

 private:
  friend class PythonGuest;

  ProcessEnd fire_quitting();
  UserClass user_class(const python::LocustfileClass& described);
  UserClass hook(const char* name);

  WorkerRequests requests_;
  std::vector<python::LocustfileClass> classes_;
  python::Ref environment_;
  std::shared_ptr<python::StallQuestion> question_ = std::make_shared<python::StallQuestion>();
  bool has_quit_ = false;  // quitting was fired
  ProcessEnd end_;         // as its listeners have it
};

}  // namespace locust::worker
