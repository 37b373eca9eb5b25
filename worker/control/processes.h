// --processes: several workers from one command line.
#pragma once

#include <atomic>
#include <optional>

#include "common/base/child_processes.h"
#include "worker/program.h"

namespace locust::worker {

// The users' stop timeout, which the master sets, in memory shared by forked processes: workers
// write it, their parent reads it.
class SharedStopTimeout {
 public:
  explicit SharedStopTimeout(Duration at_first);
  ~SharedStopTimeout();
  SharedStopTimeout(const SharedStopTimeout&) = delete;
  SharedStopTimeout& operator=(const SharedStopTimeout&) = delete;

  void set(Duration timeout) { *value_ = timeout.count(); }
  Duration get() const { return Duration(value_->load()); }

 private:
  std::atomic<Duration::rep>* value_;
};

// Forks that many workers of `program`, before any thread exists, each in its own process group so
// that a Ctrl-C reaches it once. Returns nullopt in each of them, which continues as a worker. In
// the parent it returns the exit code when all have ended: the greatest of theirs, with 128 plus
// the signal's number for a killed one. The ending_signals() are passed on; a worker that has not
// ended `stop_timeout` and `grace` later is killed, which gives 1. A second SIGINT kills all at
// once (main.py). Children end with the parent, whatever ends it.
std::optional<int> fork_workers(int count, const SharedStopTimeout& stop_timeout,
                                TestProgram& program, Duration grace = kEndGrace);

}  // namespace locust::worker
