// Workers that come and go during a test: who gets whose users, how fast, and what is said of it at
// the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "master/cluster/paced_spread.h"
#include "master/run/validity.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- PacedSpread ----

std::vector<std::vector<int>> told(const PacedSpread& spread, const UsersDispatcher& goal) {
  std::vector<std::vector<int>> rows;
  for (std::size_t row = 0; row < goal.worker_count(); ++row) {
    const auto counts = spread.counts(goal.worker_id(row));
    rows.emplace_back(counts.begin(), counts.end());
  }
  return rows;
}

int total(const PacedSpread& spread, const UsersDispatcher& goal) {
  int sum = 0;
  for (const auto& row : told(spread, goal)) sum = std::accumulate(row.begin(), row.end(), sum);
  return sum;
}

void run(UsersDispatcher& dispatcher, int users) {
  dispatcher.new_dispatch(users, 1e6);
  while (dispatcher.next()) {
  }
}

TEST(PacedSpread, FollowsARampStepByStep) {
  UsersDispatcher dispatcher({{"a_1"}, {"a_2"}}, {{"Shop"}});
  PacedSpread spread;
  dispatcher.new_dispatch(6, 2);
  while (dispatcher.next()) {
    spread.approach(dispatcher, 2);
    EXPECT_EQ(spread.started(), 2);
    EXPECT_FALSE(spread.behind());
  }
  EXPECT_THAT(told(spread, dispatcher), ElementsAre(ElementsAre(3), ElementsAre(3)));
}

TEST(PacedSpread, StartsTheUsersOfALostWorkerSoManyAStepAndStopsNobody) {
  UsersDispatcher dispatcher({{"a_1"}, {"a_2"}, {"a_3"}}, {{"Shop"}});
  PacedSpread spread;
  run(dispatcher, 30);
  spread.approach(dispatcher, 30);
  dispatcher.remove_worker("a_3");
  run(dispatcher, 30);
  std::vector<int> totals;
  do {
    spread.approach(dispatcher, 4);
    EXPECT_LE(spread.started(), 4);
    totals.push_back(total(spread, dispatcher));
  } while (spread.behind());
  EXPECT_THAT(totals, ElementsAre(24, 28, 30));
  EXPECT_THAT(told(spread, dispatcher), ElementsAre(ElementsAre(15), ElementsAre(15)));
}

TEST(PacedSpread, PairsEachStartWithAStopWhereAWorkerJoins) {
  UsersDispatcher dispatcher({{"a_1"}}, {{"Admin"}, {"Shop"}});
  PacedSpread spread;
  run(dispatcher, 20);
  spread.approach(dispatcher, 20);
  dispatcher.add_worker("a_2");
  run(dispatcher, 20);
  int steps = 0;
  do {
    ++steps;
    spread.approach(dispatcher, 3);
    EXPECT_LE(spread.started(), 3);
    EXPECT_EQ(total(spread, dispatcher), 20);
  } while (spread.behind());
  EXPECT_EQ(steps, 4);
  EXPECT_THAT(told(spread, dispatcher), ElementsAre(ElementsAre(10, 0), ElementsAre(0, 10)));
}

TEST(PacedSpread, KeepsItsCountsWhenClassesAreAdded) {
  UsersDispatcher before({{"a_1"}}, {{"Shop"}});
  PacedSpread spread;
  run(before, 8);
  spread.approach(before, 8);
  UsersDispatcher after({{"a_1"}}, {{"Admin"}, {"Shop"}});
  run(after, 8);
  spread.approach(after, 1);
  EXPECT_EQ(spread.started(), 1);
  EXPECT_THAT(told(spread, after), ElementsAre(ElementsAre(1, 7)));
}

// ---- Who gets the users ----

class WorkerLossTest : public HeadlessTest {
 protected:
  void start(MasterConfig config, std::int64_t users, double rate, int workers) {
    make_master(std::move(config));
    for (int n = 1; n <= workers; ++n) join("a_" + std::to_string(n));
    begin(
        {.users = users, .spawn_rate = rate, .expect_workers = static_cast<std::size_t>(workers)});
    loop_.advance(seconds(1) + seconds(users) / static_cast<int>(rate));
    ASSERT_EQ(master().state(), MasterState::kRunning);
  }
  ScriptedWorker& worker(std::size_t n) { return *workers_.at(n - 1); }
};

TEST_F(WorkerLossTest, WithoutRebalancingAMissingWorkersUsersAreGoneUntilItIsGivenUp) {
  start({}, 12, 12, 3);
  worker(3).freeze();
  loop_.advance(seconds(30));
  EXPECT_EQ(worker(1).users() + worker(2).users(), 8);
  loop_.advance(seconds(50));
  EXPECT_EQ(worker(1).users() + worker(2).users(), 12);
}

TEST_F(WorkerLossTest, WithRebalancingTheyMoveAtOnce) {
  start({.enable_rebalancing = true}, 12, 12, 3);
  worker(3).freeze();
  loop_.advance(seconds(6));
  EXPECT_EQ(worker(1).users(), 6);
  EXPECT_EQ(worker(2).users(), 6);
}

TEST_F(WorkerLossTest, RebalancingOnLossRespectsTheSpawnRate) {
  start({.on_worker_loss = OnWorkerLoss::kRebalance}, 30, 10, 3);
  worker(3).freeze();
  while (worker(1).users() + worker(2).users() == 20) loop_.advance(milliseconds(10));
  EXPECT_EQ(worker(1).users() + worker(2).users(), 30) << "ten users are one step";
  worker(3).thaw();
  loop_.advance(milliseconds(100));
  EXPECT_EQ(worker(1).users() + worker(2).users() + worker(3).users(), 30)
      << "it came back with the users it had";
  worker(2).send(proto::Quit{});
  worker(2).freeze();
  worker(1).freeze();
  loop_.advance(milliseconds(100));
  const auto alone = totals(worker(3));
  worker(3).received.clear();
  loop_.advance(seconds(12));
  std::int64_t last = alone.back();
  for (const std::int64_t users : totals(worker(3))) {
    EXPECT_LE(users - last, 10);
    last = users;
  }
  EXPECT_EQ(worker(3).users(), 30);
}

TEST_F(WorkerLossTest, ALossDuringAPacedRampKeepsThePace) {
  make_master({.on_worker_loss = OnWorkerLoss::kRebalance});
  for (int n = 1; n <= 2; ++n) join("a_" + std::to_string(n));
  begin({.users = 20, .spawn_rate = 2, .expect_workers = 2});
  loop_.advance(seconds(5));
  worker(2).send(proto::Quit{});
  worker(2).freeze();
  std::int64_t last = worker(1).users();
  for (int second = 0; second < 15; ++second) {
    loop_.advance(seconds(1));
    EXPECT_LE(worker(1).users() - last, 2);
    last = worker(1).users();
  }
  EXPECT_EQ(last, 20);
}

TEST_F(WorkerLossTest, ACrowdThatLeavesTogetherCausesTwoRedistributions) {
  start({}, 40, 40, 20);
  for (std::size_t n = 2; n <= 20; ++n) {
    worker(n).send(proto::Quit{});
    worker(n).freeze();
  }
  worker(1).received.clear();
  loop_.advance(seconds(2));
  EXPECT_EQ(worker(1).got<proto::Spawn>().size(), 2U);
  EXPECT_EQ(worker(1).users(), 40);
}

TEST_F(WorkerLossTest, AMasterThatCannotKeepUpTakesNobodyForMissingForAWhile) {
  start({}, 4, 4, 2);
  network_.set_master_behind(true);
  worker(2).freeze();
  loop_.advance(seconds(25));
  EXPECT_EQ(master().losses().count(), 0U);
  loop_.advance(seconds(15));
  EXPECT_EQ(master().losses().count(), 1U);
}

// ---- What is said of it ----

TEST_F(WorkerLossTest, LossesAreReasonsToDoubtTheTest) {
  start({}, 12, 12, 3);
  EXPECT_THAT(invalid_reasons(master()), IsEmpty());
  worker(2).freeze();
  loop_.advance(seconds(8));
  worker(2).thaw();
  loop_.advance(seconds(2));
  worker(3).send(proto::Quit{});
  worker(3).freeze();
  loop_.advance(seconds(2));
  ASSERT_EQ(master().losses().count(), 2U);
  const WorkerLoss& missing = master().losses().kept()[0];
  EXPECT_EQ(missing.id, "a_2");
  EXPECT_EQ(missing.users, 4);
  EXPECT_TRUE(missing.back_after);
  EXPECT_THAT(missing.to_text(),
              testing::MatchesRegex("a_2 \\(index 1\\) went missing after [67] s "
                                    "with 4 users, was back [34] s later"));
  const WorkerLoss& quit = master().losses().kept()[1];
  EXPECT_EQ(quit.kind, WorkerLoss::Kind::kQuit);
  EXPECT_FALSE(quit.back_after);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0)) << "as stock";
  EXPECT_THAT(invalid_reasons(master()),
              ElementsAre(HasSubstr("2 worker(s) were lost during the test: a_2 (index 1)")));
}

TEST_F(WorkerLossTest, WorkersThatStopWithTheTestAreNotLost) {
  start({}, 4, 4, 2);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(master().losses().count(), 0U);
}

TEST_F(WorkerLossTest, WorkersThatStopAfterTheNextTestHasBegunAreNotLost) {
  start({}, 4, 4, 2);
  run_.reset();
  master().stop();
  master().start(4, 4);
  loop_.advance(seconds(5));
  EXPECT_EQ(master().losses().count(), 0U);
  EXPECT_EQ(worker(1).users() + worker(2).users(), 4);
  worker(2).send(proto::ClientStopped{});  // nobody has asked it to
  loop_.advance(seconds(1));
  EXPECT_EQ(master().losses().count(), 1U);
}

TEST_F(WorkerLossTest, OnWorkerLossFailEndsTheTestWithExitCodeOne) {
  options_.on_worker_loss = OnWorkerLoss::kFail;
  start({}, 4, 4, 2);
  worker(2).freeze();
  loop_.advance(seconds(6));
  EXPECT_EQ(worker(1).got<proto::Quit>().size(), 1U);
  loop_.advance(seconds(15));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST(WorkerLosses, KeepsSoManyAndCountsTheOthers) {
  WorkerLosses losses;
  losses.begin_test({});
  for (std::size_t n = 0; n < WorkerLosses::kMaxKept + 5; ++n) {
    losses.add({.id = "a", .index = 0, .kind = WorkerLoss::Kind::kQuit, .after = {}, .users = 1},
               TimePoint(seconds(3)));
  }
  EXPECT_EQ(losses.kept().size(), WorkerLosses::kMaxKept);
  EXPECT_EQ(losses.count(), WorkerLosses::kMaxKept + 5);
}

// ---- Classes and shares ----

TEST_F(WorkerLossTest, ClassesThatAJoinerBringsAreGivenUsers) {
  start({}, 12, 12, 1);
  ScriptedWorker& admin = join("b_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(2));
  EXPECT_EQ(worker(1).users() + admin.users(), 12);
  EXPECT_EQ(admin.users("Admin"), 6);
}

TEST_F(WorkerLossTest, ClassesThatAJoinerBringsDuringTheRampTakePartFromTheNextStepOn) {
  make_master();
  join("a_1");
  begin({.users = 12, .spawn_rate = 2});
  loop_.advance(milliseconds(2500));
  ScriptedWorker& admin = join("b_1", {.classes = {"Admin"}});
  loop_.advance(seconds(10));
  EXPECT_EQ(worker(1).users(), 6);
  EXPECT_EQ(admin.users(), 6);
}

TEST_F(WorkerLossTest, SharesOfFeedersAreFixedForATest) {
  start({}, 4, 4, 2);
  join("a_3");
  loop_.advance(seconds(2));
  for (const auto& each : workers_) {
    for (const proto::Spawn* spawn : each->got<proto::Spawn>()) {
      EXPECT_EQ(*proto::find(spawn->parsed_options, "expect_workers"), proto::Value(2));
    }
  }
  master().stop();
  loop_.advance(seconds(2));
  worker(3).received.clear();
  master().start(3, 3);
  loop_.advance(seconds(1));
  EXPECT_EQ(*proto::find(worker(3).got<proto::Spawn>().at(0)->parsed_options, "expect_workers"),
            proto::Value(3));
}

TEST_F(WorkerLossTest, AWorkerThatNamesNoClassesIsWaitedForSoLongOnly) {
  make_master();
  join("boomer_1", {.reports_when_idle = false});
  begin({});
  loop_.advance(seconds(13));
  EXPECT_THAT(exit_codes_, IsEmpty());
  loop_.advance(seconds(20));
  EXPECT_THAT(exit_codes_, ElementsAre(1)) << "No User class found!";
}

}  // namespace
}  // namespace locust::master
