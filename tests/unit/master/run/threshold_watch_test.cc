// Thresholds of headless runs, in simulated time.
#include "master/run/threshold_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ThresholdRunTest : public HeadlessTest {
 protected:
  // A run of a minute over one worker.
  ScriptedWorker& begin_with(const std::string& text, Duration after = Duration::zero(),
                             bool abort = false) {
    HeadlessOptions options{.run_time = seconds(60)};
    options.thresholds = parse_thresholds(text).thresholds;
    for (Threshold& threshold : options.thresholds) {
      threshold.after = after;
      threshold.abort = abort;
    }
    begin(std::move(options));
    return join("a_1");
  }
  // Ten requests a second for so long.
  void run(ScriptedWorker& worker, int seconds_long, int time, bool fails = false) {
    for (int i = 0; i < seconds_long; ++i) {
      for (int n = 0; n < 10; ++n) {
        const double now = loop_.clock().wall_time();
        worker.stats().log_request(now, "GET", "/", Number(time), 1);
        if (fails) worker.stats().log_error(now, "GET", "/", "bad");
      }
      loop_.advance(seconds(1));
    }
  }
  std::vector<bool> held() const {
    std::vector<bool> result;
    for (const Verdict& verdict : run_->result().verdicts) result.push_back(verdict.holds);
    return result;
  }
};

TEST_F(ThresholdRunTest, AreJudgedOverTheWholeRunAtItsEnd) {
  ScriptedWorker& worker = begin_with("fail_ratio < 1%, p95 < 200ms, rps > 5, max < 1s");
  run(worker, 30, 100);
  run(worker, 29, 150);
  EXPECT_THAT(exit_codes_, IsEmpty());
  loop_.advance(seconds(5));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
  EXPECT_THAT(held(), ElementsAre(true, true, true, true));
}

TEST_F(ThresholdRunTest, OneThatDoesNotHoldMakesTheExitCodeOne) {
  ScriptedWorker& worker = begin_with("p95 < 200ms, rps > 11");
  run(worker, 62, 100, /*fails=*/true);
  EXPECT_THAT(exit_codes_, ElementsAre(1));
  EXPECT_THAT(held(), ElementsAre(true, false));
}

TEST_F(ThresholdRunTest, FailuresAreTheThresholdsBusiness) {
  ScriptedWorker& worker = begin_with("p95 < 200ms");
  run(worker, 62, 100, /*fails=*/true);
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(ThresholdRunTest, ARunWithoutRequestsHoldsNothing) {
  begin_with("failures == 0");
  loop_.advance(seconds(65));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(ThresholdRunTest, WhatHappensBeforeAfterDoesNotCount) {
  ScriptedWorker& worker = begin_with("fail_ratio < 1%, max < 500ms, rps > 9", seconds(30));
  run(worker, 24, 4000, /*fails=*/true);
  loop_.advance(seconds(7));  // the last report of that
  run(worker, 30, 100);
  EXPECT_THAT(exit_codes_, ElementsAre(0));
  EXPECT_THAT(held(), ElementsAre(true, true, true));
}

TEST_F(ThresholdRunTest, ATestThatEndsBeforeAfterHoldsNothing) {
  ScriptedWorker& worker = begin_with("fail_ratio < 1%", seconds(90));
  run(worker, 62, 100);
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST(ThresholdWatch, OneForTheWholeTestIsJudgedThoughItsWatchNeverStarted) {
  fakes::SimulatedLoop loop;
  RequestStats stats(loop.clock().wall_time());
  stats.log_request(loop.clock().wall_time(), "GET", "/", Number(5), 1);
  std::vector<Threshold> thresholds = parse_thresholds("max < 500ms, max < 400ms").thresholds;
  thresholds[1].after = seconds(1);
  const ThresholdWatch watch(loop, loop.clock(), stats, std::move(thresholds),
                             [](const Verdict&) {});
  const std::vector<Verdict> verdicts = watch.verdicts();
  EXPECT_TRUE(verdicts[0].holds);
  EXPECT_FALSE(verdicts[1].holds) << "the test was over before";
}

TEST_F(ThresholdRunTest, AbortEndsTheTestAtTheFirstViolation) {
  ScriptedWorker& worker = begin_with("fail_ratio < 10%", seconds(5), /*abort=*/true);
  run(worker, 10, 100);
  EXPECT_THAT(exit_codes_, IsEmpty());
  run(worker, 6, 100, /*fails=*/true);
  EXPECT_THAT(exit_codes_, ElementsAre(1));
  EXPECT_THAT(held(), ElementsAre(false));
}

TEST_F(ThresholdRunTest, OneThatEndedTheTestStaysViolatedWhateverComesAfterIt) {
  ScriptedWorker& worker = begin_with("max < 50ms, avg < 150ms", Duration::zero(), /*abort=*/true);
  run(worker, 4, 100);
  run(worker, 4, 10);
  EXPECT_THAT(exit_codes_, ElementsAre(1));
  EXPECT_THAT(held(), ElementsAre(false, true));
}

TEST_F(ThresholdRunTest, AbortDoesNotHurryATestThatIsEndingAlready) {
  HeadlessOptions options{.run_time = seconds(60)};
  options.thresholds = parse_thresholds("fail_ratio < 10%").thresholds;
  options.thresholds[0].abort = true;
  MasterConfig config;
  config.stop_timeout = 20;
  make_master(std::move(config));
  begin(std::move(options));
  ScriptedWorker& worker = join("a_1", {.stop_time = seconds(10)});
  run(worker, 4, 100);
  run_->interrupt();
  run(worker, 8, 100, /*fails=*/true);
  EXPECT_THAT(exit_codes_, IsEmpty());  // the worker has more to say
  run(worker, 3, 100);
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(ThresholdRunTest, AbortWaitsForRequests) {
  begin_with("rps > 5", Duration::zero(), /*abort=*/true);
  loop_.advance(seconds(50));
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(ThresholdRunTest, LostReportsMakeARunInvalid) {
  begin({.run_time = seconds(10), .exit_rules = {.fail_on_invalid = true}});
  ScriptedWorker& worker = join("a_1");
  loop_.advance(seconds(8));
  worker.freeze();
  loop_.advance(seconds(20));
  EXPECT_THAT(exit_codes_, ElementsAre(3));
  EXPECT_THAT(run_->result().invalid_reasons, ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace locust::master
