#include "common/stats/run_clock.h"

#include <gtest/gtest.h>

#include "tests/fakes/simulated_loop.h"

namespace locust {
namespace {

TEST(RunClock, FollowsTheMonotonicClockUntilItIsSynchronized) {
  fakes::ManualClock machine;
  machine.advance(std::chrono::seconds(5));
  RunClock clock(machine);
  const double began = machine.wall_time();
  EXPECT_DOUBLE_EQ(clock.wall_time(), began);
  machine.step_wall_time(-3600);
  machine.advance(std::chrono::milliseconds(1500));
  EXPECT_DOUBLE_EQ(clock.wall_time(), began + 1.5);
  EXPECT_NEAR(clock.drift(), -3600, 1e-6);
  EXPECT_EQ(clock.now(), machine.now());
  EXPECT_NEAR(clock.synchronize(), -3600, 1e-6);
  EXPECT_DOUBLE_EQ(clock.wall_time(), machine.wall_time());
  EXPECT_NEAR(clock.drift(), 0, 1e-6);
}

}  // namespace
}  // namespace locust
