// LoadShapeRunner: runs a test by a load shape, which it evaluates every second (runners.py
// shape_worker).
#pragma once

#include <functional>
#include <optional>

#include "common/base/scheduler.h"
#include "master/cluster/master.h"
#include "master/shape/shape.h"

namespace locust::master {

// Control thread. `scheduler` and `master` must outlive it. Unlike stock's it never waits for a
// ramp: a new target takes effect at once.
class LoadShapeRunner final {
 public:
  // `finished` is called when the shape has ended.
  LoadShapeRunner(Scheduler& scheduler, Master& master, Shape shape,
                  std::function<void()> finished);
  ~LoadShapeRunner() { stop(); }
  LoadShapeRunner(const LoadShapeRunner&) = delete;
  LoadShapeRunner& operator=(const LoadShapeRunner&) = delete;

  // Starts a test and its run time. The first tick is immediate.
  void start();
  // Stops evaluating the shape. The test continues with its current users.
  void stop();
  bool is_running() const { return timer_ != 0; }

 private:
  void tick();

  Scheduler& scheduler_;
  Master& master_;
  const Shape shape_;
  const std::function<void()> finished_;
  TimePoint began_{};
  int ticks_ = 0;
  std::optional<ShapeTick> last_;
  TimerId timer_ = 0;
};

}  // namespace locust::master
