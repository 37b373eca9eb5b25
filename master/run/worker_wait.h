// WorkerWait: waits until enough workers are ready (stock's main.py start_automatic_run).
#pragma once

#include <cstddef>
#include <functional>

#include "common/base/scheduler.h"
#include "master/cluster/master.h"

namespace locust::master {

struct WorkerWaitOptions {
  std::size_t expect_workers = 1;
  Duration max_wait = Duration::zero();  // zero: for ever
};

// Control thread. `scheduler` and `master` must outlive it.
class WorkerWait final {
 public:
  // At most one of them is called, once: `ready` by begin() or workers_changed(), `gave_up` by a
  // timer.
  WorkerWait(Scheduler& scheduler, const Master& master, WorkerWaitOptions options,
             std::function<void()> ready, std::function<void()> gave_up);
  ~WorkerWait() { cancel(); }
  WorkerWait(const WorkerWait&) = delete;
  WorkerWait& operator=(const WorkerWait&) = delete;

  void begin();
  // Call when a worker became usable or is no longer.
  void workers_changed();
  void cancel();

 private:
  void tick();

  Scheduler& scheduler_;
  const Master& master_;
  const WorkerWaitOptions options_;
  const std::function<void()> ready_;
  const std::function<void()> gave_up_;
  TimePoint began_{};
  bool waiting_ = false;
  bool hinted_ = false;  // the log has said how to start workers
  TimerId timer_ = 0;
};

}  // namespace locust::master
