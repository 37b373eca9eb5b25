// Runs without a page in simulated time: how they wait, end and judge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

TEST_F(HeadlessTest, StartsWhenTheExpectedWorkersAreReadyAndEndsAfterTheRunTime) {
  begin({.users = 4, .spawn_rate = 4, .run_time = seconds(10), .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(7));
  EXPECT_TRUE(a.got<proto::Spawn>().empty());
  ScriptedWorker& b = join("a_2");
  loop_.advance(milliseconds(100));
  EXPECT_EQ(a.users() + b.users(), 4);
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  loop_.advance(milliseconds(9800));
  EXPECT_TRUE(exit_codes_.empty());
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(master().stats().total().num_requests, 1);
  EXPECT_TRUE(master().undelivered().empty());
}

TEST_F(HeadlessTest, FailuresAndExceptionsMakeTheExitCode) {
  begin({.users = 1, .run_time = seconds(2), .exit_rules = {.exit_code_on_error = 7}});
  ScriptedWorker& a = join("a_1");
  loop_.advance(milliseconds(100));
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  a.stats().log_error(loop_.clock().wall_time(), "GET", "/", "bad");
  loop_.advance(seconds(5));
  EXPECT_EQ(exit_codes_, std::vector<int>{7});
}

TEST_F(HeadlessTest, TheLastReportsAreWaitedForAsLongAsUsersMayTakeToStop) {
  make_master({.host = {}, .stop_timeout = 5});
  begin({.users = 1, .run_time = seconds(2)});
  ScriptedWorker& a = join("a_1", {.stop_time = seconds(4)});
  loop_.advance(seconds(3));
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/slow", Number(4000), 1);
  loop_.advance(seconds(2));
  EXPECT_TRUE(exit_codes_.empty());
  loop_.advance(seconds(3));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(master().stats().total().num_requests, 1);
}

TEST_F(HeadlessTest, QuitIsRepeatedTwiceAndADeadWorkerIsNotWaitedForLong) {
  begin({.users = 1, .run_time = seconds(2)});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(1));
  a.freeze();
  loop_.advance(seconds(8));
  EXPECT_TRUE(exit_codes_.empty()) << "it may be cut off and come back";
  loop_.advance(seconds(7));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(a.got<proto::Quit>().size(), 3U);
  ASSERT_EQ(master().undelivered().size(), 1U);
  EXPECT_EQ(master().undelivered()[0].id, "a_1");
}

TEST_F(HeadlessTest, AWorkerThatIsLongMissingIsNotWaitedFor) {
  begin({.users = 2, .run_time = seconds(20), .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  join("a_2");
  loop_.advance(seconds(2));
  a.freeze();
  loop_.advance(seconds(21));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

// Its link is cut from two seconds before the end to six after it, and `quit` is lost.
TEST_F(HeadlessTest, AWorkerThatIsCutOffAcrossTheEndDeliversItsLastReport) {
  begin({.users = 2, .run_time = seconds(10), .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(8));
  a.freeze();
  for (ScriptedWorker* worker : {&a, &b}) {
    worker->stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  }
  loop_.advance(seconds(8));
  EXPECT_TRUE(exit_codes_.empty());
  a.thaw();
  loop_.advance(seconds(3));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(master().stats().total().num_requests, 2);
  EXPECT_TRUE(master().undelivered().empty());
}

TEST_F(HeadlessTest, QuittingTakesAtLeastHalfASecond) {
  RunController& run = begin({.users = 1});
  join("a_1");
  loop_.advance(seconds(1));
  run.interrupt();
  loop_.advance(milliseconds(490));
  EXPECT_TRUE(exit_codes_.empty());
  loop_.advance(milliseconds(20));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessTest, ASecondInterruptDoesNotWait) {
  RunController& run = begin({.users = 1});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(1));
  a.obeys_quit = false;
  run.interrupt();
  loop_.advance(seconds(3));
  EXPECT_TRUE(exit_codes_.empty());
  run.interrupt();
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessTest, ItGivesUpWaitingForWorkersWithExitCodeOne) {
  begin({.expect_workers = 2, .expect_workers_max_wait = seconds(5)});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(8));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_GE(a.got<proto::Quit>().size(), 1U);
}

TEST_F(HeadlessTest, ATestWithoutAnyOfItsClassesFailsAtOnce) {
  Scenario scenario;
  scenario.users.emplace_back().name = "Shopp";
  master_.emplace(loop_, network_.master(), UserClassCatalog(&scenario, {}, {}), MasterConfig{});
  begin({.users = 1, .run_time = seconds(60)});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(3));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_TRUE(a.got<proto::Spawn>().empty());
}

TEST_F(HeadlessTest, TheLastWorkerLostEndsTheRun) {
  begin({.users = 1});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(1));
  a.send(proto::Quit{});
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessTest, AWorkerThatQuitsBeforeTheStartLeavesItWaitingForAnother) {
  begin({.users = 1, .expect_workers = 2});
  join("a_1").send(proto::Quit{});
  loop_.advance(seconds(2));
  EXPECT_TRUE(exit_codes_.empty());
  join("a_2");
  ScriptedWorker& c = join("a_3");
  loop_.advance(seconds(2));
  EXPECT_FALSE(c.got<proto::Spawn>().empty());
}

}  // namespace
}  // namespace locust::master
