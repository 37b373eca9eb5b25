// A worker's run, whatever its users are written in: its processes, its log, and what is between
// registration and the end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/base/event_loop.h"
#include "worker/control/processes.h"
#include "worker/control/worker.h"
#include "worker/loop/user_loop.h"
#include "worker/worker_options.h"

namespace locust::worker {

// What the test brings.
struct RunParts {
  UserLoopOptions loop{};
  std::vector<proto::ClassInfo> classes{};  // told to masters
  FileDigests files{};
  // Told once all is there, before the worker registers. What is given may be used until the run
  // ends, each from its own thread.
  std::function<void(EventLoop& control, Worker& worker, ThreadedUserLoop& users)> connect{};
  // Told when the users' thread has ended, and before what connect() was given goes.
  std::function<void()> disconnect{};
  // What holds up the users' loop, in words, or nothing. For any thread at any time; returns soon.
  std::function<std::string()> blocked_by{};
  std::shared_ptr<void> guard{};  // kept while the worker's threads run
};

// Called in this order; empty ones are not.
struct RunSteps {
  ForkHooks fork{};
  // In each process, when it has its log. An exit code ends it.
  std::function<std::variant<RunParts, int>(const std::string& client_id)> parts{};
  // When the threads have ended. Returns the exit code.
  std::function<int(int exit_code)> end{};
};

// Usage errors and the like, for standard error.
int fail(const std::string& message, int exit_code);
inline constexpr int kUsageError = 2;

// `notes` are lines for the log. Returns the exit code of the process.
int run_worker(const WorkerOptions& options, const std::vector<std::string>& notes,
               const RunSteps& steps);

}  // namespace locust::worker
