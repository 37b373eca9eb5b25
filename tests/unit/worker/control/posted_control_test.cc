// What a program asks of its worker, also before there is one.
#include "worker/control/posted_control.h"

#include "tests/unit/worker/control/worker_fixture.h"

namespace locust::worker {
namespace {

class PostedControlTest : public WorkerTest {
 protected:
  SystemClock clock_;
  EventLoop control_{clock_};
  PostedControl requests_{control_};
};

TEST_F(PostedControlTest, RequestsWaitUntilTheControlThreadRuns) {
  requests_.register_message("hello");
  requests_.send_message("answer", 5);
  requests_.attach(worker_);
  ack();
  loop_.advance(milliseconds(5));
  EXPECT_TRUE(got<proto::Custom>().empty());
  control_.run_once(Duration::zero());
  loop_.advance(milliseconds(5));
  ASSERT_EQ(got<proto::Custom>().size(), 1U);
  EXPECT_EQ(got<proto::Custom>()[0]->type, "answer");
  send(proto::Custom{"hello", proto::Value()});
  EXPECT_EQ(users_.received.size(), 1U);
}

TEST_F(PostedControlTest, StopTestReachesTheWorker) {
  requests_.attach(worker_);
  ack();  // of a stock master, under which stop_test ends the worker
  requests_.stop_test({});
  control_.run_once(Duration::zero());
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(PostedControlTest, ExitLeavesWithoutTheStopTimeout) {
  requests_.attach(worker_);
  ack();
  send(spawn({{"Shop", 1}}, 30));
  requests_.exit();
  control_.run_once(Duration::zero());
  loop_.advance(seconds(1));
  EXPECT_EQ(users_.stop_timeouts(), std::vector<Duration>{Duration::zero()});
  EXPECT_EQ(exit_code_, 0);
}

}  // namespace
}  // namespace locust::worker
