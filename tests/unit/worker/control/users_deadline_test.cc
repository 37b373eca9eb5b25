#include "worker/control/users_deadline.h"

#include <gtest/gtest.h>

#include "tests/fakes/simulated_loop.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;

class UsersDeadlineTest : public ::testing::Test {
 protected:
  fakes::SimulatedLoop loop_;
  int over_ = 0;
  UsersDeadline deadline_{loop_, [this] { ++over_; }};
};

TEST_F(UsersDeadlineTest, CallsOnceWhenTheTimeIsOver) {
  deadline_.set(9s);
  loop_.advance(8999ms);
  EXPECT_EQ(over_, 0);
  EXPECT_EQ(deadline_.left(), 1ms);
  loop_.advance(1ms);
  EXPECT_EQ(over_, 1);
  loop_.advance(60s);
  EXPECT_EQ(over_, 1);
  EXPECT_EQ(deadline_.left(), 0s);
}

TEST_F(UsersDeadlineTest, TheLastTimeWinsAlsoIfItIsLater) {
  deadline_.set(9s);
  loop_.advance(5s);
  deadline_.set(9s);
  loop_.advance(8s);
  EXPECT_EQ(over_, 0);
  loop_.advance(1s);
  EXPECT_EQ(over_, 1);
}

TEST_F(UsersDeadlineTest, CancelledItCallsNobody) {
  deadline_.set(9s);
  deadline_.cancel();
  loop_.advance(60s);
  EXPECT_EQ(over_, 0);
}

}  // namespace
}  // namespace locust::worker
