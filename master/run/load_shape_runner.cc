#include "master/run/load_shape_runner.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr Duration kShapeTick = std::chrono::seconds(1);

}  // namespace

LoadShapeRunner::LoadShapeRunner(Scheduler& scheduler, Master& master, Shape shape,
                                 std::function<void()> finished)
    : scheduler_(scheduler),
      master_(master),
      shape_(std::move(shape)),
      finished_(std::move(finished)) {}

void LoadShapeRunner::start() {
  stop();
  log::runners().info("Shape test starting.");
  began_ = scheduler_.clock().now();
  ticks_ = 0;
  last_.reset();
  tick();
}

void LoadShapeRunner::stop() { scheduler_.cancel(std::exchange(timer_, 0)); }

void LoadShapeRunner::tick() {
  timer_ = 0;
  // Exactly 0 at first, although the clock has advanced.
  const Duration run_time = ticks_ == 0 ? Duration::zero() : scheduler_.clock().now() - began_;
  std::optional<ShapeTick> now = shape_.at(run_time);
  if (!now) {
    log::runners().info("Shape test stopping");
    finished_();
    return;
  }
  // Relative to the start, not to the last tick: delays must not add up.
  timer_ = scheduler_.call_at(began_ + ++ticks_ * kShapeTick, [this] { tick(); });
  if (now == last_) return;
  const std::int64_t change = std::abs(now->users - (last_ ? last_->users : 0));
  const double spawn_rate =
      now->spawn_rate.value_or(static_cast<double>(std::max<std::int64_t>(change, 1)));
  log::runners().info("Shape test updating to {} users at {:.2f} spawn rate", now->users,
                      spawn_rate);
  last_ = std::move(now);
  master_.start(last_->users, spawn_rate, last_->class_counts, last_->classes);
}

}  // namespace locust::master
