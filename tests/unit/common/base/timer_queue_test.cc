#include "common/base/timer_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/simulated_loop.h"

namespace locust {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(TimerQueue, FiresInOrderOfDeadlineThenOfCreation) {
  fakes::SimulatedLoop loop;
  std::string fired;
  loop.call_after(seconds(2), [&] { fired += 'c'; });
  loop.call_after(seconds(1), [&] { fired += 'a'; });
  loop.call_after(seconds(1), [&] { fired += 'b'; });
  loop.advance(milliseconds(999));
  EXPECT_EQ(fired, "");
  loop.advance(milliseconds(1));
  EXPECT_EQ(fired, "ab");
  loop.advance(seconds(1));
  EXPECT_EQ(fired, "abc");
}

TEST(TimerQueue, ACallbackMayCancelATimerThatIsDueInTheSameTurn) {
  fakes::SimulatedLoop loop;
  bool second_fired = false;
  TimerId second = 0;
  loop.call_after(seconds(1), [&] { loop.cancel(second); });
  second = loop.call_after(seconds(1), [&] { second_fired = true; });
  loop.advance(seconds(2));
  EXPECT_FALSE(second_fired);
  EXPECT_TRUE(loop.idle());
}

TEST(TimerQueue, CancellingAFiredOrUnknownIdDoesNothing) {
  TimerQueue queue;
  const TimerId id = queue.add(TimePoint{}, [] {});
  EXPECT_EQ(queue.run_due(TimePoint{}), 1U);
  queue.cancel(id);
  queue.cancel(12345);
  queue.cancel(0);
  EXPECT_TRUE(queue.empty());
}

TEST(TimerQueue, ATimerAddedByACallbackWaitsForTheNextTurn) {
  TimerQueue queue;
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    queue.add(TimePoint{}, again);
  };
  queue.add(TimePoint{}, again);
  EXPECT_EQ(queue.run_due(TimePoint{}), 1U);
  EXPECT_EQ(queue.run_due(TimePoint{}), 1U);
  EXPECT_EQ(fired, 2);
}

TEST(TimerQueue, APeriodicTimerFiresAtExactTimesInSimulatedTime) {
  fakes::SimulatedLoop loop;
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    loop.call_after(seconds(3), tick);
  };
  loop.call_after(seconds(3), tick);
  loop.advance(std::chrono::minutes(10));
  EXPECT_EQ(ticks, 200);
}

}  // namespace
}  // namespace locust
