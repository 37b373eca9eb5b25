// What ends a test, and what the end of a test means for the run.
#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunEndTest : public RunControllerTest {};

TEST_F(HeadlessLogTest, ATestWhoseUsersHaveAllStoppedByThemselvesEnds) {
  begin({.users = 2, .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(5));
  a.end_users();
  loop_.advance(seconds(5));
  EXPECT_TRUE(exit_codes_.empty());
  b.end_users();
  loop_.advance(seconds(5));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(count("All users have stopped by themselves, shutting down"), 1U);
}

// Its control thread answers when its users do not.
void end_unfinished(ScriptedWorker& worker, const std::string& held_up_by) {
  proto::Heartbeat heartbeat;
  heartbeat.state = "running";
  heartbeat.extension = proto::HeartbeatExtension{.unfinished = held_up_by};
  worker.send(std::move(heartbeat));
  worker.send(proto::Quit{});
}

TEST_F(HeadlessLogTest, AWorkerWhoseUsersDoNotStopIsNamedAndMakesTheRunFail) {
  begin({.users = 2, .run_time = seconds(4), .expect_workers = 2});
  ScriptedWorker& good = join("a_1");
  ScriptedWorker& stuck = join("b_2");
  stuck.obeys_quit = false;
  loop_.advance(seconds(8));
  good.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  EXPECT_TRUE(exit_codes_.empty());
  end_unfinished(stuck, "shop.py:3 in \x1b[2Jbuy");
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_TRUE(master().undelivered().empty());
  ASSERT_EQ(master().unfinished_count(), 1U);
  EXPECT_EQ(master().unfinished()[0].id, "b_2");
  ASSERT_TRUE(master().unfinished()[0].since_report);
  EXPECT_LT(*master().unfinished()[0].since_report, seconds(4));
  EXPECT_EQ(
      count("1 worker(s) ended without their last report, because their users did not stop in "
            "time; what they measured since their previous report is missing: b_2 (index 1, last "
            "report "),
      1U);
  EXPECT_EQ(count("s before): shop.py:3 in \\x1b[2Jbuy"), 2U) << log_.str();
}

TEST_F(HeadlessLogTest, AnUnfinishedWorkerCountsOnceAndOnlyInItsTest) {
  begin({.users = 1, .run_time = seconds(4), .expect_workers = 2});
  end_unfinished(join("a_1"), "");  // before the test, and so no report of it is missing
  loop_.advance(seconds(1));
  EXPECT_EQ(master().unfinished_count(), 0U);
  join("c_3");
  ScriptedWorker& other = join("b_2");
  other.obeys_quit = false;
  loop_.advance(seconds(6));
  proto::Heartbeat twice;
  twice.extension = proto::HeartbeatExtension{.unfinished = ""};
  other.send(twice);
  end_unfinished(other, std::string(100'000, 'x'));
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_EQ(master().unfinished_count(), 1U);
}

TEST_F(HeadlessLogTest, UsersOfAMissingWorkerMayComeBack) {
  begin({.users = 2, .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(3));
  b.freeze();
  loop_.advance(seconds(8));
  a.end_users();
  loop_.advance(seconds(10));
  EXPECT_TRUE(exit_codes_.empty());
  b.thaw();  // the order that this causes starts users anew
  loop_.advance(seconds(10));
  EXPECT_EQ(a.users() + b.users(), 2);
  EXPECT_TRUE(exit_codes_.empty());
  a.end_users();
  b.end_users();
  loop_.advance(seconds(5));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessLogTest, ATestOfNoUsersGoesOn) {
  begin({.users = 0});
  join("a_1");
  loop_.advance(seconds(60));
  EXPECT_TRUE(exit_codes_.empty());
}

TEST_F(RunEndTest, TheLossOfAllWorkersEndsTheTestOnly) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(2);
  worker().send(proto::Quit{});
  loop_.advance(seconds(1));
  EXPECT_NE(state(), MasterState::kRunning);
  EXPECT_THAT(exit_codes_, IsEmpty());
  join("w_2");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(2).success);
  EXPECT_EQ(state(), MasterState::kRunning);
}

// ---- The same for each way to start a test: only what becomes of the run differs. ----

enum class Way { kHeadless, kAutostart };

class RunEndEachWayTest : public RunControllerTest, public testing::WithParamInterface<Way> {
 protected:
  bool is_headless() const { return GetParam() == Way::kHeadless; }
  // Of two users, over one worker.
  void start(const char* yaml = nullptr) {
    options_.headless = is_headless();
    options_.autostart = !is_headless();
    options_.users = 2;
    options_.spawn_rate = 100;
    begin(yaml);
    join("w_1", {.names_weights = true});
    loop_.advance(seconds(4));
    ASSERT_EQ(state(), MasterState::kRunning);
  }
  // With a page the run goes on, until it is interrupted.
  void expect_end(int exit_code = 0) {
    if (!is_headless()) {
      EXPECT_EQ(state(), MasterState::kStopped);
      EXPECT_THAT(exit_codes_, IsEmpty());
      run_->interrupt();
      loop_.advance(seconds(2));
    }
    EXPECT_THAT(exit_codes_, ElementsAre(exit_code));
  }
  std::size_t times_ended(const std::string& why) const {
    return logged(why + (is_headless() ? "shutting down" : "stopping test"));
  }
};

TEST_P(RunEndEachWayTest, TheEndOfAllUsers) {
  start();
  worker().end_users();
  loop_.advance(seconds(5));
  EXPECT_EQ(times_ended("All users have stopped by themselves, "), 1);
  expect_end();
}

TEST_P(RunEndEachWayTest, TheRunTime) {
  options_.run_time = 10;
  start();
  loop_.advance(seconds(12));
  EXPECT_EQ(times_ended("--run-time limit reached, "), 1);
  expect_end();
}

TEST_P(RunEndEachWayTest, TheEndOfTheShape) {
  start(
      "shape: {stages: [{for: 5s, users: 2, spawn_rate: 10}]}\n"
      "users: {Shop: {tasks: {t: [get: /]}}}\n");
  loop_.advance(seconds(8));
  EXPECT_EQ(times_ended("Shape test completed, "), 1);
  expect_end();
}

TEST_P(RunEndEachWayTest, AThresholdThatAborts) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  thresholds_[0].abort = true;
  start();
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  loop_.advance(seconds(6));
  EXPECT_EQ(times_ended("Threshold failures < 1 does not hold: 1; "), 1);
  expect_end(1);
}

TEST_P(RunEndEachWayTest, AStepOfTheScenario) {
  start();
  worker().send(report_with({.stop_test = true}));
  loop_.advance(seconds(2));
  expect_end();
}

TEST_P(RunEndEachWayTest, ALossWhereItIsToFail) {
  options_.on_worker_loss = OnWorkerLoss::kFail;
  start();
  join("w_2", {.names_weights = true});
  loop_.advance(seconds(5));
  workers_.at(1)->send(proto::Quit{});
  loop_.advance(seconds(2));
  EXPECT_EQ(logged("users: ending the test (--on-worker-loss fail)"), 1);
  expect_end(1);
}

TEST_P(RunEndEachWayTest, TheLossOfTheLastWorker) {
  start();
  worker().send(proto::Quit{});
  loop_.advance(seconds(2));
  expect_end();
}

TEST_P(RunEndEachWayTest, AStopThatSomebodyAsksFor) {
  start();
  run_->stop();
  loop_.advance(seconds(2));
  expect_end();
}

TEST_P(RunEndEachWayTest, AnInterruptWhoseSecondDoesNotWait) {
  start();
  worker().obeys_quit = false;
  run_->interrupt();
  loop_.advance(seconds(3));
  EXPECT_THAT(exit_codes_, IsEmpty());
  run_->interrupt();
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_P(RunEndEachWayTest, SysExitOfAWorkersTestCodeEndsARunOfOneProcess) {
  options_.as_one_process = true;
  start();
  worker().send(report_with({.exit_code = 7}));
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(7));
}

TEST_P(RunEndEachWayTest, WorkersThatLeaveBeforeTheTestDoNotEndTheRun) {
  options_.headless = is_headless();
  options_.autostart = !is_headless();
  options_.expect_workers = 2;
  begin();
  join("w_1").send(proto::Quit{});
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, IsEmpty());
  join("w_2");
  join("w_3");
  loop_.advance(seconds(4));
  EXPECT_EQ(state(), MasterState::kRunning);
}

INSTANTIATE_TEST_SUITE_P(Ways, RunEndEachWayTest, testing::Values(Way::kHeadless, Way::kAutostart),
                         [](const auto& way) {
                           return way.param == Way::kHeadless ? "Headless" : "Autostart";
                         });

TEST_F(RunEndTest, OfTheRunTimeOfAFormNothingIsSaid) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(ask({.user_count = 1, .spawn_rate = 1, .run_time = 3}).success);
  loop_.advance(seconds(5));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_EQ(logged("limit reached"), 0);
  EXPECT_EQ(logged("--autoquit"), 0);
}

TEST_F(RunEndTest, AStopOfTheAutomaticTestStartsTheCountDownOfAutoquit) {
  options_.autostart = true;
  options_.autoquit = 5;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  run_->stop();
  loop_.advance(seconds(4));
  EXPECT_THAT(exit_codes_, IsEmpty());
  loop_.advance(seconds(3));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
  EXPECT_EQ(logged("--autoquit time reached, shutting down"), 1);
}

}  // namespace
}  // namespace locust::master
