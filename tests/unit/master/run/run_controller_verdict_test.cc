// What a run is judged by, and its exit code.
#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RunVerdictTest : public RunControllerTest {};

TEST_F(RunVerdictTest, AMasterThatTestedNothingIsNotJudged) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_THAT(run_->verdicts(), IsEmpty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(RunVerdictTest, AResetAfterTheTestLeavesItsVerdicts) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  options_.verdicts.checks.fail_ratio = 0.1;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  loop_.advance(seconds(5));
  run_->stop();
  loop_.advance(seconds(2));
  ASSERT_TRUE(run_->verdicts().at(0).holds);
  run_->reset_stats();
  EXPECT_TRUE(run_->verdicts().at(0).holds);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(RunVerdictTest, AThresholdDoesNotHurryATestThatIsEndingAlready) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  thresholds_[0].abort = true;
  options_.autostart = true;
  options_.autoquit = 0;
  stop_timeout_ = 20;
  begin();
  join("w_1", {.stop_time = seconds(10)});
  loop_.advance(seconds(6));
  ASSERT_EQ(state(), MasterState::kRunning);
  run_->interrupt();
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  loop_.advance(seconds(8));
  EXPECT_THAT(exit_codes_, IsEmpty());  // the worker has more to say
  loop_.advance(seconds(5));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(RunVerdictTest, AThresholdThatAbortsEndsTheTestAndMakesTheExitCode) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  ASSERT_EQ(thresholds_.size(), 1);
  thresholds_[0].abort = true;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  swarm(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  loop_.advance(seconds(5));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_FALSE(run_->verdicts().at(0).holds);
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(RunVerdictTest, AHeadlessRunIsJudgedEvenIfItsTestNeverStarts) {
  thresholds_ = parse_thresholds("rps > 1").thresholds;
  options_.headless = true;
  options_.expect_workers_max_wait = 3;
  begin();
  loop_.advance(seconds(8));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
  EXPECT_EQ(run_->result().verdicts.size(), 1);
}

TEST_F(HeadlessTest, SysExitOfAWorkersTestCodeEndsARunOfOneProcessWithItsCode) {
  make_master({.as_one_process = true});
  begin({.users = 1});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({.exit_code = 7}));
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{7});
  EXPECT_EQ(worker.got<proto::Quit>().size(), 1U);
}

TEST_F(HeadlessTest, InADistributedRunAWorkersCodeIsItsOwn) {
  begin({.users = 1});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({.exit_code = 7, .uncaught = true}));
  loop_.advance(seconds(2));
  EXPECT_TRUE(exit_codes_.empty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessTest, AnUncaughtExceptionOnAWorkerIsTwoWhereNothingElseDecides) {
  make_master({.as_one_process = true});
  begin({.users = 1, .exit_rules = {.exit_code_on_error = 5}});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({.uncaught = true}));
  loop_.advance(milliseconds(100));
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{2});
}

TEST_F(HeadlessTest, FailuresDecideBeforeUncaughtExceptions) {
  make_master({.as_one_process = true});
  begin({.users = 1, .exit_rules = {.exit_code_on_error = 5}});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({.uncaught = true}));
  worker.send(proto::Exception{.msg = "oops", .traceback = "t", .extra = {}});
  loop_.advance(milliseconds(100));
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{5});
}

class SilentRunTest : public HeadlessLogTest {
 protected:
  // Ends the run and returns whether it was said that nothing happened.
  bool is_silent() {
    run_->interrupt();
    loop_.advance(seconds(5));
    return !run_->result().invalid_reasons.empty() &&
           run_->result().invalid_reasons[0].starts_with("Users were to run, but no request");
  }
  ScriptedWorker& begin_with_native_worker() {
    begin({.users = 1, .exit_rules = {.fail_on_invalid = true}});
    ScriptedWorker& worker = join("a_1", {.names_weights = true});
    worker.send(report_with({.tasks = 0}));
    loop_.advance(seconds(2));
    return worker;
  }
};

TEST_F(SilentRunTest, NothingHappenedThoughUsersRan) {
  begin_with_native_worker();
  EXPECT_TRUE(is_silent());
  EXPECT_EQ(exit_codes_, std::vector<int>{kExitInvalid});
  EXPECT_EQ(count("Users were to run, but no request was made"), 1U);
}

TEST_F(SilentRunTest, ATaskIsSomething) {
  ScriptedWorker& worker = begin_with_native_worker();
  worker.send(report_with({.tasks = 1}));
  loop_.advance(milliseconds(100));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, ARequestIsSomething) {
  ScriptedWorker& worker = begin_with_native_worker();
  worker.stats().log_request(worker.wall_time(), "GET", "/x", Number(5), 1);
  worker.report();
  loop_.advance(milliseconds(100));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, NothingIsClaimedOfWorkersThatDoNotCountTasks) {
  begin_with_native_worker();
  join("b_1");
  loop_.advance(seconds(2));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, NothingIsClaimedOfLostWorkers) {
  ScriptedWorker& worker = begin_with_native_worker();
  join("b_1", {.names_weights = true}).send(report_with({.tasks = 0}));
  loop_.advance(seconds(2));
  worker.freeze();
  loop_.advance(seconds(10));
  run_->interrupt();
  loop_.advance(seconds(20));
  for (const std::string& reason : run_->result().invalid_reasons) {
    EXPECT_THAT(reason, Not(HasSubstr("Users were to run")));
  }
}

}  // namespace
}  // namespace locust::master
