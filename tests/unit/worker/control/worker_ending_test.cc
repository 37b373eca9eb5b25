// How a worker ends whose users do not stop: code of the test may block their loop for ever.
#include "tests/unit/worker/control/worker_fixture.h"

namespace locust::worker {
namespace {

constexpr Duration kNever = std::chrono::hours(1'000);

class WorkerEndingTest : public WorkerTest {
 protected:
  void start(double stop_timeout, bool extended = true) {
    loop_.advance(milliseconds(5));
    send(proto::Ack{.index = 0, .extended = extended, .extra = {}});
    send(spawn({{"Shop", 1}}, stop_timeout));
    loop_.advance(seconds(1));
  }
  // What the last heartbeat says of it, to masters that understand it.
  std::optional<std::string> unfinished() const {
    const auto heartbeats = got<proto::Heartbeat>();
    if (heartbeats.empty() || !heartbeats.back()->extension) return std::nullopt;
    return heartbeats.back()->extension->unfinished;
  }
};

TEST_F(WorkerEndingTest, UsersThatDoNotStopAreLeftBehindAndTheMasterHearsWhy) {
  start(5);
  users_.held_up_by = "shop.py:3 in buy";
  users_.stop_time = kNever;
  const std::size_t reports = got<proto::Stats>().size();
  send(proto::Quit{});
  EXPECT_EQ(endings_, std::vector<Duration>{seconds(5) + Worker::kProcessGrace});
  loop_.advance(seconds(5) + Worker::kUsersGrace - milliseconds(20));
  EXPECT_FALSE(exit_code_);
  EXPECT_FALSE(unfinished());
  loop_.advance(milliseconds(30));
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
  EXPECT_TRUE(worker_.unfinished());
  EXPECT_EQ(story(), "RscQ");
  EXPECT_EQ(unfinished(), "shop.py:3 in buy");
  EXPECT_LE(got<proto::Stats>().size(), reports + 5);  // periodic ones only
}

TEST_F(WorkerEndingTest, AStockMasterGetsAQuitOfItsOwnKind) {
  start(0, /*extended=*/false);
  users_.stop_time = kNever;
  send(proto::Quit{});
  loop_.advance(Worker::kUsersGrace);
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
  EXPECT_EQ(story(), "RscQ");
  EXPECT_FALSE(unfinished());
  EXPECT_TRUE(got<proto::Heartbeat>().back()->extra.empty());
}

TEST_F(WorkerEndingTest, ASignalAndAStopAreNotWaitedForWithoutBoundEither) {
  start(0);
  users_.stop_time = kNever;
  worker_.interrupt();
  loop_.advance(Worker::kUsersGrace + milliseconds(10));
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
}

TEST_F(WorkerEndingTest, AStopThatCannotBeCarriedOutEndsTheWorker) {
  start(2);
  users_.stop_time = kNever;
  send(proto::Stop{});
  EXPECT_TRUE(endings_.empty());
  loop_.advance(seconds(2) + Worker::kUsersGrace - milliseconds(20));
  EXPECT_FALSE(exit_code_);
  loop_.advance(milliseconds(30));
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
  EXPECT_EQ(story(), "RscQ");
}

TEST_F(WorkerEndingTest, ASilentMastersWorkerEndsToo) {
  start(0);
  send(proto::HeartbeatReply{});
  users_.stop_time = kNever;
  loop_.advance(MasterLink::kMasterHeartbeatTimeout + seconds(2) + Worker::kUsersGrace);
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
}

TEST_F(WorkerEndingTest, ATestStopThatBlocksIsBoundedAfterAStop) {
  start(0);
  users_.end_time = kNever;
  send(proto::Stop{});
  loop_.advance(Worker::kTestStopLimit);
  EXPECT_FALSE(exit_code_);
  loop_.advance(Worker::kUsersGrace + milliseconds(10));
  EXPECT_EQ(exit_code_, Worker::kExitCodeUnfinished);
}

TEST_F(WorkerEndingTest, AStopThatWasCarriedOutLeavesNoDeadline) {
  start(0);
  users_.stop_time = seconds(8);
  send(proto::Stop{});
  loop_.advance(std::chrono::minutes(3));
  EXPECT_FALSE(exit_code_);
  EXPECT_EQ(story(), "RscSR");
}

TEST_F(WorkerEndingTest, AtQuitTestStopHasWhatTheUsersHaveLeft) {
  start(1);
  users_.stop_time = seconds(4);
  users_.end_time = seconds(2);
  send(proto::Quit{});
  loop_.advance(seconds(5));
  ASSERT_EQ(users_.end_limits.size(), 1U);
  EXPECT_NEAR(to_seconds(users_.end_limits[0]), 1 + 9 - 4 - 0.5, 0.02);
  EXPECT_FALSE(exit_code_);
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_code_, 0);
  EXPECT_FALSE(worker_.unfinished());
}

TEST_F(WorkerEndingTest, ASecondSignalLeavesTheProcessAMoment) {
  start(60);
  users_.stop_time = kNever;
  worker_.interrupt();
  worker_.interrupt();
  EXPECT_EQ(exit_code_, 0);
  EXPECT_EQ(endings_, (std::vector<Duration>{seconds(60) + Worker::kProcessGrace,
                                             Worker::kProcessGraceAtOnce}));
}

TEST_F(WorkerEndingTest, TheMastersStopTimeoutIsPassedOn) {
  start(12.5);
  EXPECT_EQ(stop_timeouts_, std::vector<Duration>{milliseconds(12'500)});
}

TEST_F(WorkerEndingTest, TestCodeReplacesItUntilAStopBegins) {
  start(12.5);
  worker_.set_stop_timeout(seconds(40));
  EXPECT_EQ(stop_timeouts_.back(), Duration(seconds(40)));
  users_.stop_time = kNever;
  worker_.interrupt();
  worker_.set_stop_timeout(seconds(50));
  EXPECT_EQ(stop_timeouts_.back(), Duration(seconds(40)));
  EXPECT_EQ(endings_, std::vector<Duration>{seconds(40) + Worker::kProcessGrace});
}

}  // namespace
}  // namespace locust::worker
