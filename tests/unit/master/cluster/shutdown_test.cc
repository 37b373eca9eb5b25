#include "master/cluster/shutdown.h"

#include "tests/unit/master/cluster/parts_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration kStopTimeout = std::chrono::seconds(5);

class ShutdownTest : public PartsTest {
 protected:
  void stops(WorkerNode& worker) {
    worker.stop_pending = false;
    registry_.set_state(worker, WorkerState::kStopped);
    shutdown_.check();
  }

  bool is_behind_ = false;
  std::vector<std::string> ends_;
  Shutdown shutdown_{loop_,
                     registry_,
                     send(),
                     kStopTimeout,
                     {.is_behind = [this] { return is_behind_; },
                      .stopped = [this] { ends_.emplace_back("stopped"); },
                      .quit = [this] { ends_.emplace_back("quit"); }}};
};

// ---- Stop ----

TEST_F(ShutdownTest, AStopIsOverWhenAllWorkersHaveStoppedAndAreReady) {
  WorkerNode& a = join("a_1");
  WorkerNode& b = join("b_1");
  shutdown_.stop();
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kStopping);
  EXPECT_THAT(receivers<proto::Stop>(), ElementsAre("a_1", "b_1"));
  stops(a);
  stops(b);
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kStopping) << "they are not ready yet";
  join("a_1");
  join("b_1");
  shutdown_.check();
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kStopped);
  EXPECT_THAT(ends_, ElementsAre("stopped"));
  loop_.advance(kStopTimeout + Shutdown::kStopGrace + seconds(1));
  EXPECT_THAT(ends_, ElementsAre("stopped"));
}

TEST_F(ShutdownTest, AStopWithoutWorkersIsOverAtOnce) {
  shutdown_.stop();
  EXPECT_THAT(ends_, ElementsAre("stopped"));
}

TEST_F(ShutdownTest, AMissingWorkerIsNotWaitedFor) {
  WorkerNode& a = join("a_1");
  shutdown_.stop();
  registry_.set_state(a, WorkerState::kMissing);
  shutdown_.check();
  EXPECT_THAT(ends_, ElementsAre("stopped"));
}

TEST_F(ShutdownTest, AStopIsOverAfterItsGraceAtTheLatest) {
  join("a_1");
  shutdown_.stop();
  loop_.advance(kStopTimeout + Shutdown::kStopGrace - milliseconds(1));
  EXPECT_THAT(ends_, IsEmpty());
  loop_.advance(milliseconds(1));
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kStopped);
  EXPECT_THAT(ends_, ElementsAre("stopped"));
}

TEST_F(ShutdownTest, ASecondStopDoesNothingUntilAnotherTestHasBegun) {
  join("a_1");
  shutdown_.stop();
  shutdown_.stop();
  EXPECT_THAT(receivers<proto::Stop>(), ElementsAre("a_1"));
  shutdown_.begin_test();
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kIdle);
  loop_.advance(kStopTimeout + Shutdown::kStopGrace);
  EXPECT_THAT(ends_, IsEmpty()) << "the new test is not stopped for the old one's sake";
  shutdown_.stop();
  EXPECT_THAT(receivers<proto::Stop>(), ElementsAre("a_1", "a_1"));
}

// ---- Quit ----

TEST_F(ShutdownTest, AQuitTakesHalfASecondAndEndsWithTheLastWorker) {
  WorkerNode& a = join("a_1");
  shutdown_.quit();
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kQuitting);
  registry_.set_state(a, WorkerState::kGone);
  shutdown_.check();
  EXPECT_THAT(ends_, IsEmpty());
  loop_.advance(Shutdown::kMinQuitWait);
  EXPECT_THAT(ends_, ElementsAre("quit"));
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kQuit);
  EXPECT_TRUE(shutdown_.quitting());
  loop_.advance(seconds(60));
  shutdown_.finish();
  EXPECT_THAT(ends_, ElementsAre("quit")) << "once";
}

TEST_F(ShutdownTest, QuitIsSentThreeTimes) {
  join("a_1");
  shutdown_.quit();
  loop_.advance(seconds(5));
  EXPECT_THAT(receivers<proto::Quit>(), ElementsAre("a_1", "a_1", "a_1"));
}

TEST_F(ShutdownTest, AQuitIsOverAfterItsGraceAtTheLatestAndLaterIfTheMasterIsBehind) {
  for (const bool behind : {false, true}) {
    ends_.clear();
    is_behind_ = behind;
    Shutdown shutdown(loop_, registry_, send(), kStopTimeout,
                      {.is_behind = [this] { return is_behind_; },
                       .stopped = [] {},
                       .quit = [this] { ends_.emplace_back("quit"); }});
    join("a_1");
    shutdown.quit();
    const Duration patience =
        kStopTimeout + Shutdown::kQuitGrace + (behind ? Shutdown::kReadGrace : Duration{});
    loop_.advance(patience - milliseconds(1));
    shutdown.check();
    EXPECT_THAT(ends_, IsEmpty());
    loop_.advance(milliseconds(1));
    shutdown.check();
    EXPECT_THAT(ends_, ElementsAre("quit"));
  }
}

TEST_F(ShutdownTest, AWorkerThatHasJustFallenSilentIsWaitedFor) {
  WorkerNode& a = join("a_1");
  a.in_test = true;
  registry_.set_state(a, WorkerState::kMissing);
  a.liveness = WorkerRegistry::kHeartbeatLiveness - 11;
  shutdown_.quit();
  loop_.advance(seconds(1));
  shutdown_.check();
  EXPECT_THAT(ends_, IsEmpty());
  --a.liveness;
  shutdown_.check();
  EXPECT_THAT(ends_, ElementsAre("quit"));
}

TEST_F(ShutdownTest, AWorkerThatIsBackGetsQuitOnceMore) {
  WorkerNode& a = join("a_1");
  registry_.set_state(a, WorkerState::kMissing);
  shutdown_.worker_returned(join("b_1"));
  shutdown_.quit();
  loop_.advance(seconds(2));
  sent_.clear();
  shutdown_.repeat_quit();
  EXPECT_THAT(receivers<proto::Quit>(), IsEmpty()) << "it was back before";
  shutdown_.worker_returned(a);
  shutdown_.repeat_quit();
  EXPECT_THAT(receivers<proto::Quit>(), IsEmpty()) << "it is missing";
  registry_.set_state(a, WorkerState::kRunning);
  shutdown_.repeat_quit();
  shutdown_.repeat_quit();
  EXPECT_THAT(receivers<proto::Quit>(), ElementsAre("a_1"));
}

TEST_F(ShutdownTest, FinishWaitsForNobody) {
  join("a_1");
  shutdown_.quit();
  shutdown_.finish();
  EXPECT_THAT(ends_, ElementsAre("quit"));
}

TEST_F(ShutdownTest, AQuitDuringAStopReplacesIt) {
  join("a_1");
  shutdown_.stop();
  shutdown_.quit();
  loop_.advance(kStopTimeout + Shutdown::kStopGrace);
  shutdown_.check();
  EXPECT_THAT(ends_, ElementsAre("quit"));
  shutdown_.begin_test();
  shutdown_.stop();
  EXPECT_EQ(shutdown_.phase(), Shutdown::Phase::kQuit);
}

}  // namespace
}  // namespace locust::master
