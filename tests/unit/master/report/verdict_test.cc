#include "master/report/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/report/verdict_table.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;

constexpr double kStart = 1'700'000'000;

Threshold threshold(const std::string& text) { return parse_thresholds(text).thresholds.at(0); }

class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() { stats_.record_precisely(true); }

  // A request a second; times in milliseconds.
  void log(std::initializer_list<int> times) {
    for (const int time : times) stats_.log_request(++now_, "GET", "/a", Number(time), 10);
  }
  Verdict judged(const std::string& text) const {
    const Threshold t = threshold(text);
    return judge(t, t.is_aggregated() ? &stats_.total() : stats_.find(t.name, t.method),
                 stats_.total());
  }

  double now_ = kStart;
  RequestStats stats_{kStart};
};

TEST_F(VerdictTest, EachMetricIsThatOfTheStatistics) {
  log({100, 200, 300, 400});
  stats_.log_error(now_, "GET", "/a", "bad");
  EXPECT_EQ(judged("requests == 4").value, 4);
  EXPECT_EQ(judged("failures == 1").value, 1);
  EXPECT_EQ(judged("fail_ratio < 50%").value, 0.25);
  EXPECT_EQ(judged("rps > 0.5").value, 1);
  EXPECT_EQ(judged("avg < 1s").value, 250);
  EXPECT_EQ(judged("min < 1s").value, 100);
  EXPECT_EQ(judged("max < 1s").value, 400);
  EXPECT_NEAR(*judged("median < 1s").value, 300, 0.5);
  EXPECT_NEAR(*judged("p99 < 1s").value, 400, 0.5);
  EXPECT_TRUE(judged("GET /a: max < 1s").holds);
  EXPECT_FALSE(judged("GET /a: max < 400ms").holds);
  EXPECT_TRUE(judged("GET /a: max <= 400ms").holds);
}

TEST_F(VerdictTest, PercentilesHaveThreeDigitsUnlessAStockWorkerTookPart) {
  log({523});
  EXPECT_NEAR(*judged("p95 < 525ms").value, 523, 0.5);
  EXPECT_TRUE(judged("p95 < 525ms").holds);
  EXPECT_FALSE(judged("p95 < 525ms").two_digits);
  stats_.record_precisely(false);
  log({527});
  EXPECT_EQ(*judged("p95 < 525ms").value, 530);
  EXPECT_TRUE(judged("p95 < 525ms").two_digits);
  EXPECT_FALSE(judged("max < 525ms").two_digits);  // known in full
}

TEST_F(VerdictTest, NothingHoldsWithoutRequests) {
  EXPECT_FALSE(judged("failures == 0").holds);
  EXPECT_FALSE(judged("GET /a: p95 < 5s").holds);
  log({1});
  EXPECT_TRUE(judged("failures == 0").holds);
  EXPECT_FALSE(judged("GET /b: p95 < 5s").value);
  stats_.log_request(now_, "GET", "/none", std::nullopt, 0);
  EXPECT_FALSE(judged("GET /none: p95 < 5s").holds);  // no response time
  EXPECT_TRUE(judged("GET /none: failures == 0").holds);
}

TEST_F(VerdictTest, WhatHappenedBeforeCanBeTakenAway) {
  log({1000, 2000});
  stats_.log_error(now_, "GET", "/a", "bad");
  const StatsEntry then = stats_.total();
  log({100, 2000, 301});
  const StatsEntry after = since(then, stats_.total());
  EXPECT_EQ(after.num_requests, 3);
  EXPECT_EQ(after.num_failures, 0);
  EXPECT_NEAR(after.avg_response_time(), 2401.0 / 3, 1e-9);
  EXPECT_NEAR(after.best_response_time_percentile(0.5), 301, 0.5);
  EXPECT_EQ(after.get_response_time_percentile(0.5), Number(300));
  EXPECT_NEAR(after.min_response_time->as_double(), 100, 0.1);
  EXPECT_NEAR(after.max_response_time.as_double(), 2000, 1);
  EXPECT_TRUE(after.is_precise());
}

TEST_F(VerdictTest, AfterAResetEverythingHappenedSince) {
  log({1000, 2000});
  const StatsEntry then = stats_.total();
  stats_.reset_all(now_);
  log({100});
  EXPECT_EQ(since(then, stats_.total()).num_requests, 1);
}

TEST_F(VerdictTest, ATableShowsValuesAndMargins) {
  log({100, 200, 300, 400});
  stats_.log_error(now_, "GET", "/a", "bad");
  EXPECT_THAT(
      verdict_table({judged("max < 500ms"), judged("GET /a: fail_ratio <= 20%"),
                     judged("rps > 0.5"), judged("failures == 0"), judged("GET /b: avg < 1s")}),
      ElementsAre("Result   Threshold                       measured     margin",
                  "--------|-------------------------|--------------|----------",
                  "ok       max < 500ms                       400 ms     +20.0%",
                  "FAILED   GET /a: fail_ratio <= 20%         25.00%     -25.0%",
                  "ok       rps > 0.5                         1.00/s    +100.0%",
                  "FAILED   failures == 0                          1           ",
                  "FAILED   GET /b: avg < 1s             no requests           "));
  stats_.record_precisely(false);
  log({10});
  EXPECT_THAT(verdict_table({judged("median < 1s")})[2], ::testing::EndsWith("  2 digits"));
  EXPECT_THAT(verdict_table({}), ::testing::IsEmpty());
}

}  // namespace
}  // namespace locust::master
