#include "common/base/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace locust {
namespace {

class EventLoopTest : public testing::Test {
 protected:
  SystemClock clock_;
  EventLoop loop_{clock_};
};

TEST_F(EventLoopTest, RunsPostedFunctionsInOrderAndStops) {
  std::string order;
  loop_.post([&] { order += '1'; });
  loop_.post([&] { order += '2'; });
  loop_.post([&] { loop_.stop(); });
  loop_.run();
  EXPECT_EQ(order, "12");
}

TEST_F(EventLoopTest, PostFromAnotherThreadWakesTheLoop) {
  std::thread other([&] { loop_.post([&] { loop_.stop(); }); });
  loop_.run();
  other.join();
}

TEST_F(EventLoopTest, StopBeforeRunEndsTheNextRunAtOnce) {
  loop_.stop();
  loop_.run();
}

TEST_F(EventLoopTest, AWatchedDescriptorIsReportedUntilUnwatched) {
  std::array<int, 2> fds{};
  ASSERT_EQ(::pipe(fds.data()), 0);
  int calls = 0;
  loop_.watch(fds[0], EPOLLIN, [&](std::uint32_t ready) {
    EXPECT_TRUE(ready & EPOLLIN);
    if (++calls == 2) loop_.unwatch(fds[0]);
  });
  ASSERT_EQ(::write(fds[1], "x", 1), 1);
  for (int i = 0; i < 5; ++i) loop_.run_once(Duration::zero());
  EXPECT_EQ(calls, 2);
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST_F(EventLoopTest, ADescriptorClosedBehindOurBackCanBeWatchedAgain) {
  std::array<int, 2> first{};
  ASSERT_EQ(::pipe(first.data()), 0);
  loop_.watch(first[0], EPOLLIN, [](std::uint32_t) {});
  ::close(first[0]);
  std::array<int, 2> second{};
  ASSERT_EQ(::pipe(second.data()), 0);
  ASSERT_EQ(second[0], first[0]) << "the kernel hands out the lowest free descriptor";
  bool called = false;
  loop_.watch(second[0], EPOLLIN, [&](std::uint32_t) { called = true; });
  ASSERT_EQ(::write(second[1], "x", 1), 1);
  loop_.run_once(std::chrono::seconds(1));
  EXPECT_TRUE(called);
  for (const int fd : {first[1], second[0], second[1]}) ::close(fd);
}

TEST_F(EventLoopTest, APrepareHookWithWorkLeftKeepsTheLoopFromWaiting) {
  int left = 3;
  loop_.add_prepare([&] {
    if (--left == 0) loop_.stop();
    return left > 0 ? EventLoop::Prepared::kWorkLeft : EventLoop::Prepared::kIdle;
  });
  loop_.run();
  EXPECT_EQ(left, 0);
}

TEST_F(EventLoopTest, APrepareHookGoesWhenItWantsTo) {
  int calls = 0;
  int others = 0;
  loop_.add_prepare([&] {
    ++calls;
    return EventLoop::Prepared::kRemoveMe;
  });
  loop_.add_prepare([&] {
    ++others;
    return EventLoop::Prepared::kWorkLeft;
  });
  for (int i = 0; i < 3; ++i) loop_.run_once(std::chrono::seconds(1));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(others, 3);
}

}  // namespace
}  // namespace locust
