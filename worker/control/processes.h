// --processes: starts several workers from one command line.
#pragma once

#include <atomic>
#include <optional>

#include "common/base/child_processes.h"
#include "worker/program.h"

namespace locust::worker {

// The stop timeout of users, in memory that is shared by forked processes: workers write the
// master's value, their parent reads it.
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

// Forks `count` workers of `program`, each in its own process group so that a Ctrl-C reaches it
// once. Requires that no thread exists. Returns nullopt in each child, which continues as a worker.
// In the parent it returns when all children have ended: the greatest of their exit codes, where a
// killed child counts as 128 plus the signal's number. The parent forwards the ending_signals(). It
// kills a child that has not ended `stop_timeout` plus `grace` later and then returns 1. A second
// SIGINT kills all children immediately (main.py). Children end with the parent, however it ends.
std::optional<int> fork_workers(int count, const SharedStopTimeout& stop_timeout,
                                TestProgram& program, Duration grace = kEndGrace);

}  // namespace locust::worker
