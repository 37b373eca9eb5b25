// Charts of long tests, in simulated time.
#include "master/report/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace locust::master {
namespace {

using ::testing::ElementsAre;

constexpr double kBegin = 1'700'000'000;

// A test with ten requests of 100 ms a second, one of which fails.
class HistoryTest : public testing::Test {
 protected:
  void begin() { history_.begin(kBegin); }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      for (int request = 0; request < 10; ++request) total_.log(now_, 100, 0);
      total_.log_error(now_);
      now_ += 1;
      history_.add({.time = now_,
                    .user_count = users_,
                    .total_response_time = total_.total_response_time.as_double(),
                    .num_timed_requests = total_.num_timed_requests(),
                    .percentiles = {percentile_},
                    .heat = count_by_bounds(total_, bounds_)},
                   total_);
    }
  }
  const HistoryView& view() const { return history_.view(); }
  std::int64_t heat_sum() const {
    std::int64_t sum = 0;
    for (const auto& point : view().points) {
      for (const std::int64_t count : point->heat) sum += count;
    }
    return sum;
  }

  double now_ = kBegin;
  std::int64_t users_ = 5;
  std::optional<double> percentile_ = 100;
  const std::vector<double> bounds_ = heat_bounds();
  StatsEntry total_{"Aggregated", "", kBegin};
  History history_;
};

TEST_F(HistoryTest, ASecondCountsWhenAllWorkersHadTheTimeToReportIt) {
  begin();
  run(5);
  EXPECT_TRUE(view().points.empty());
  run(1);
  ASSERT_EQ(view().points.size(), 1);
  const HistoryPoint& point = *view().points[0];
  EXPECT_EQ(point.time, kBegin + 1);
  EXPECT_EQ(point.user_count, 5);
  EXPECT_EQ(point.requests, 10);
  EXPECT_EQ(point.failures, 1);
  EXPECT_EQ(point.average, 100);
  EXPECT_THAT(point.percentiles, ElementsAre(100));
}

TEST_F(HistoryTest, TheEndOfATestIsNotWaitedFor) {
  begin();
  run(7);
  history_.finish(total_);
  ASSERT_EQ(view().points.size(), 7);
  EXPECT_EQ(view().points[6]->requests, 10);
  EXPECT_EQ(heat_sum(), 70);
}

TEST_F(HistoryTest, AReportThatComesLateIsStillCounted) {
  begin();
  run(3);
  total_.log(kBegin, 100, 0);
  run(3);
  EXPECT_EQ(view().points.at(0)->requests, 11);
}

TEST_F(HistoryTest, WhatAReportBringsIsOfTheSecondsThatItTellsOf) {
  begin();
  for (int second = 1; second <= 9; ++second) {
    if (second % 3 == 0) {
      for (int request = 0; request < 31; ++request) total_.log(now_, 100, 0);
    }
    now_ += 1;
    history_.add({.time = now_, .heat = count_by_bounds(total_, bounds_)}, total_);
  }
  history_.finish(total_);
  std::vector<std::int64_t> sums;
  for (const auto& point : view().points) {
    sums.push_back(std::accumulate(point->heat.begin(), point->heat.end(), std::int64_t{0}));
  }
  EXPECT_THAT(sums, ElementsAre(10, 10, 11, 10, 10, 11, 10, 10, 11));
}

TEST_F(HistoryTest, TenHoursStayBoundedAndKeepTheirSums) {
  begin();
  run(36'000);
  history_.finish(total_);
  EXPECT_EQ(view().interval, 16);
  EXPECT_LE(view().points.size(), History::kMaxPoints);
  EXPECT_GT(view().points.size(), History::kMaxPoints / 2);
  EXPECT_EQ(heat_sum(), 360'000);
  EXPECT_EQ(view().points[0]->time, kBegin + 16);
  for (const auto& point : view().points) EXPECT_EQ(point->requests, 10);
}

TEST_F(HistoryTest, AMergedPointKeepsThePeaks) {
  begin();
  run(1);
  percentile_ = 900;
  users_ = 50;
  run(1);
  percentile_ = std::nullopt;
  users_ = 7;
  run(static_cast<int>(History::kMaxPoints) + 10);
  EXPECT_EQ(view().interval, 2);
  EXPECT_EQ(view().points[0]->user_count, 50);
  EXPECT_THAT(view().points[0]->percentiles, ElementsAre(900));
  EXPECT_THAT(view().points[1]->percentiles, ElementsAre(std::nullopt));
}

TEST_F(HistoryTest, WhoHasPointsThatWereMergedIsToldToForgetThem) {
  begin();
  EXPECT_EQ(view().complete_since, kBegin);
  run(static_cast<int>(History::kMaxPoints) + 5);
  const double last_seen = view().points.back()->time;
  EXPECT_GE(last_seen, view().complete_since);
  run(3);
  EXPECT_LT(last_seen, view().complete_since);
  EXPECT_GE(view().points.back()->time, view().complete_since);
}

TEST_F(HistoryTest, AResetTakesNothingFromTheSecondsBefore) {
  begin();
  run(10);
  history_.before_reset(total_);
  total_.reset(now_);
  run(10);
  history_.finish(total_);
  ASSERT_EQ(view().points.size(), 20);
  for (const auto& point : view().points) {
    EXPECT_EQ(point->requests, 10) << point->time;
    EXPECT_EQ(point->failures, 1) << point->time;
    if (point->average) {
      EXPECT_EQ(*point->average, 100);
    }
    for (const std::int64_t count : point->heat) EXPECT_GE(count, 0);
  }
}

TEST_F(HistoryTest, MarkersAreBounded) {
  begin();
  for (std::size_t i = 0; i < 2 * History::kMaxMarkers; ++i) {
    history_.mark({static_cast<double>(i), HistoryMarker::Kind::kEdit, "edit"});
  }
  EXPECT_EQ(view().markers.size(), History::kMaxMarkers);
  EXPECT_EQ(view().markers.back().time, 2.0 * History::kMaxMarkers - 1);
}

TEST_F(HistoryTest, AnotherTestBeginsWithNothing) {
  begin();
  run(10);
  const std::uint64_t version = view().version;
  history_.begin(now_);
  EXPECT_TRUE(view().points.empty());
  EXPECT_EQ(view().complete_since, now_);
  EXPECT_GT(view().version, version);
}

TEST(CountByBounds, PutsEveryTimeIntoItsRow) {
  StatsEntry entry("a", "GET", kBegin);
  for (const double ms : {0.4, 1.0, 5.0, 5.0, 200'000.0}) entry.log(kBegin, ms, 0);
  EXPECT_THAT(count_by_bounds(entry, {1, 4, 10}), ElementsAre(2, 0, 2, 1));
  EXPECT_EQ(heat_bounds().size(), 48);
  EXPECT_NEAR(heat_bounds().back(), 100'000, 1);
}

}  // namespace
}  // namespace locust::master
