// Workers that join, quit, go missing and come back, as the master's state machine sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

TEST_F(MasterTest, EveryJoinWhileRunningIsGivenUsersNotOnlyTheFirst) {
  master();
  join("a_1");
  master().start(12, 12);
  loop_.advance(seconds(2));
  for (int n = 2; n <= 4; ++n) {
    join("a_" + std::to_string(n));
    loop_.advance(seconds(2));
    for (const auto& worker : workers_) EXPECT_EQ(worker->users(), 12 / n) << n << " workers";
  }
}

TEST_F(MasterTest, AJoinDuringTheRampTakesPartFromTheNextStepOn) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(10, 2);
  loop_.advance(milliseconds(1500));
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(8));
  EXPECT_EQ(a.users(), 5);
  EXPECT_EQ(b.users(), 5);
}

TEST_F(MasterTest, AQuittingWorkersUsersGoToTheOthers) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 8);
  loop_.advance(seconds(2));
  b.send(proto::Quit{});
  b.freeze();
  loop_.advance(seconds(2));
  EXPECT_EQ(a.users(), 8);
}

TEST_F(MasterTest, ASilentWorkerIsMissingAfterFourToFiveSecondsAndHealsWithItsCounts) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 8);
  loop_.advance(seconds(3));
  b.freeze();
  loop_.advance(milliseconds(3900));
  EXPECT_EQ(master().registry().active_count(), 2U);
  loop_.advance(milliseconds(1200));
  EXPECT_EQ(master().registry().active_count(), 1U);
  EXPECT_EQ(master().registry().user_count(), 4);
  EXPECT_EQ(a.users(), 4) << "nobody is touched until something else is dispatched";
  b.thaw();
  loop_.advance(seconds(3));
  EXPECT_EQ(master().registry().active_count(), 2U);
  EXPECT_EQ(a.users(), 4);
  EXPECT_EQ(b.users(), 4);
}

TEST_F(MasterTest, AWorkerGivenUpForLostLeavesItsUsersToTheOthersWhoseCountsNeverDip) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 2);
  loop_.advance(seconds(6));
  b.freeze();
  const std::size_t before = totals(a).size();
  loop_.advance(seconds(80));
  EXPECT_EQ(a.users(), 8);
  const auto all = totals(a);
  ASSERT_GT(all.size(), before);
  for (std::size_t i = before; i < all.size(); ++i) EXPECT_GE(all[i], 4);
}

TEST_F(MasterTest, AWorkerThatComesBackAfterItWasGivenUpIsTakenBackByStop) {
  master();
  join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 8);
  loop_.advance(seconds(2));
  b.freeze();
  loop_.advance(seconds(80));
  b.thaw();
  loop_.advance(seconds(5));
  EXPECT_EQ(b.got<proto::Stop>().size(), 1U);
  EXPECT_EQ(b.users(), 4);
}

TEST_F(MasterTest, AMissingWorkerIsToldNothingUntilItIsBack) {
  make_master({.host = {}, .enable_rebalancing = true});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 8);
  loop_.advance(seconds(2));
  b.freeze();
  const auto received = b.received.size();
  loop_.advance(seconds(30));
  EXPECT_EQ(a.users(), 8);
  EXPECT_EQ(b.received.size(), received);
  b.thaw();
  loop_.advance(seconds(3));
  EXPECT_EQ(b.users(), 4);
  EXPECT_EQ(b.got<proto::MasterSpawningComplete>().size(), 2U);
}

// What its machine had not sent when the connection was cut. An answer would find nobody there, and
// break the connection before all of it is read.
TEST_F(MasterTest, TheLateMessagesOfAWorkerThatHasEndedAreCountedAndNotAnswered) {
  master();
  join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(8, 8);
  loop_.advance(seconds(2));
  b.freeze();
  loop_.advance(seconds(80));
  const auto received = b.received.size();
  proto::Heartbeat heartbeat;
  heartbeat.state = "running";
  for (int second = 0; second < 60; ++second) {
    b.send(heartbeat);
    if (second % 3 != 0) continue;
    b.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
    b.report();
    loop_.advance(milliseconds(10));
  }
  loop_.advance(seconds(5));
  EXPECT_EQ(master().stats().total().num_requests, 20);
  EXPECT_EQ(b.received.size(), received);
}

TEST_F(MasterTest, WorkersOfAMasterThatWasRestartedAreTakenBack) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(3, 3);
  loop_.advance(seconds(2));
  make_master();
  loop_.advance(seconds(3));
  EXPECT_EQ(a.got<proto::Stop>().size(), 1U);
  EXPECT_EQ(master().registry().active_count(), 1U);
  EXPECT_EQ(a.users(), 0);
}

}  // namespace
}  // namespace locust::master
