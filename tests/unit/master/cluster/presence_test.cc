#include "master/cluster/presence.h"

#include "tests/fakes/fake_transport.h"
#include "tests/unit/master/cluster/parts_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PresenceTest : public PartsTest {
 protected:
  WorkerNode& join(const std::string& id) { return PartsTest::join(presence_.registry(), id); }
  // Judges in each of so many seconds; the ids of those who became missing or gone.
  std::vector<std::string> judge(int seconds_long) {
    std::vector<std::string> absences;
    for (int i = 0; i < seconds_long; ++i) {
      const auto [missing, gone] = presence_.judge_silence();
      for (const WorkerNode* worker : missing) absences.push_back(worker->id + " missing");
      for (const WorkerNode* worker : gone) absences.push_back(worker->id + " gone");
    }
    return absences;
  }

  fakes::FakeNetwork network_{loop_};
  RunClock clock_{loop_.clock()};
  int ticks_ = 0;
  Presence presence_{loop_, clock_, network_.master(), [this] { ++ticks_; }};
};

TEST_F(PresenceTest, TicksEachSecond) {
  loop_.advance(milliseconds(3500));
  EXPECT_EQ(ticks_, 3);
}

TEST_F(PresenceTest, ASilentWorkerIsMissingAndThenGone) {
  join("a_1");
  WorkerNode& b = join("b_1");
  EXPECT_THAT(judge(4), IsEmpty());
  WorkerRegistry::revive(b);
  EXPECT_THAT(judge(1), ElementsAre("a_1 missing"));
  EXPECT_THAT(judge(4), ElementsAre("b_1 missing"));
  EXPECT_THAT(judge(57), ElementsAre("a_1 gone"));
}

TEST_F(PresenceTest, NobodyIsMissingForHalfAMinuteWhileTheMasterIsBehind) {
  join("a_1");
  network_.set_master_behind(true);
  EXPECT_THAT(judge(30), IsEmpty());
  EXPECT_TRUE(presence_.is_behind());
  EXPECT_THAT(judge(5), ElementsAre("a_1 missing")) << "a flood does not hide it for ever";
  network_.set_master_behind(false);
  judge(1);
  EXPECT_FALSE(presence_.is_behind());
}

TEST_F(PresenceTest, ClassesAreAssumedSoonerIfAnybodyHasNamedOne) {
  using Names = Presence::ClassNames;
  std::vector<std::string> assumed;
  const auto wait = [&](Names names, int seconds_long) {
    for (int i = 0; i < seconds_long; ++i) {
      presence_.assume_classes(names, [&](WorkerNode& worker) { assumed.push_back(worker.id); });
    }
    return std::exchange(assumed, {});
  };
  presence_.registry().admit("boomer_1", std::nullopt);
  EXPECT_THAT(wait(Names::kNone, 14), IsEmpty());
  EXPECT_THAT(wait(Names::kNone, 1), ElementsAre("boomer_1"));
  EXPECT_THAT(wait(Names::kNone, 20), IsEmpty()) << "once";
  presence_.registry().admit("boomer_2", std::nullopt);
  EXPECT_THAT(wait(Names::kSome, 3), IsEmpty());
  EXPECT_THAT(wait(Names::kSome, 1), ElementsAre("boomer_2"));
}

TEST_F(PresenceTest, AStrangerIsAnsweredIfItGoesOnAndThenEveryTenSeconds) {
  using First = Presence::FirstWords;
  EXPECT_FALSE(presence_.answers_stranger("a_1", First::kWait));
  loop_.advance(milliseconds(1400));
  EXPECT_FALSE(presence_.answers_stranger("a_1", First::kWait));
  loop_.advance(milliseconds(200));
  EXPECT_TRUE(presence_.answers_stranger("a_1", First::kWait));
  loop_.advance(seconds(9));
  EXPECT_FALSE(presence_.answers_stranger("a_1", First::kWait));
  loop_.advance(seconds(1));
  EXPECT_TRUE(presence_.answers_stranger("a_1", First::kWait));
  presence_.forget_stranger("a_1");
  EXPECT_FALSE(presence_.answers_stranger("a_1", First::kWait));
  EXPECT_TRUE(presence_.answers_stranger("b_1", First::kAnswer));
  EXPECT_FALSE(presence_.answers_stranger("b_1", First::kAnswer)) << "only its first words";
}

TEST_F(PresenceTest, AFloodOfStrangersLeavesTheOthersUnanswered) {
  using First = Presence::FirstWords;
  for (std::size_t i = 0; i < Presence::kMaxStrangers; ++i) {
    EXPECT_TRUE(presence_.answers_stranger(std::to_string(i), First::kAnswer));
  }
  EXPECT_FALSE(presence_.answers_stranger("late", First::kAnswer));
  loop_.advance(seconds(10));
  EXPECT_TRUE(presence_.answers_stranger("late", First::kAnswer)) << "the old ones make room";
}

TEST_F(PresenceTest, ClocksAreMeasuredAnewIfThisMachinesWasSet) {
  WorkerNode& worker = join("a_1");
  worker.clock.reset_at(clock_.wall_time());
  for (int i = 0; i < 4; ++i) {
    const double sent = clock_.wall_time() + 100;  // by the worker's clock
    loop_.advance(seconds(3));
    presence_.measure_clock(worker, sent);
  }
  EXPECT_NEAR(presence_.clock_ahead(worker), 100, 1);
  presence_.begin_test();
  EXPECT_NEAR(presence_.clock_ahead(worker), 100, 1);
  loop_.manual_clock().step_wall_time(50);
  presence_.begin_test();
  EXPECT_EQ(presence_.clock_ahead(worker), 0);
}

}  // namespace
}  // namespace locust::master
