// A worker's clock against the master's, from made-up and from simulated reports.
#include "master/cluster/clock_offset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace locust::master {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;

constexpr double kNow = 1'700'000'000;

// Reports three seconds apart of a worker whose clock is `ahead`, each `delay` under way.
class Reports {
 public:
  void report(double ahead, double delay = 0.01) {
    const double start_time = sent_ + ahead_at_sending_;
    now_ += 3;
    sent_ = now_;
    ahead_at_sending_ = ahead;
    clock.observe(start_time, now_ + delay);
  }
  // What nobody hears of.
  void reset_in_between(double ahead) {
    sent_ = now_ + 1.5;
    ahead_at_sending_ = ahead;
  }

  ClockOffset clock;

 private:
  double now_ = kNow;
  double sent_ = 0;
  double ahead_at_sending_ = 0;
};

TEST(ClockOffset, clocks_that_agree_within_a_second_are_left_alone) {
  for (const double ahead : {0.0, 0.4, -0.4, 0.9, -0.9}) {
    Reports reports;
    for (int i = 0; i < 20; ++i) reports.report(ahead);
    EXPECT_EQ(reports.clock.correction(), 0) << ahead;
    EXPECT_NEAR(reports.clock.ahead(), ahead, 0.02);
  }
}

TEST(ClockOffset, an_hour_is_corrected_from_the_second_report_on) {
  for (const double ahead : {3600.0, -3600.0, 3600.4}) {
    Reports reports;
    reports.report(ahead);
    EXPECT_EQ(reports.clock.correction(), 0) << "nothing to compare with";
    reports.report(ahead);
    EXPECT_EQ(reports.clock.correction(), ahead > 0 ? -3600 : 3600);
    for (int i = 0; i < 20; ++i) reports.report(ahead);
    EXPECT_EQ(reports.clock.correction(), ahead > 0 ? -3600 : 3600);
    EXPECT_NEAR(reports.clock.ahead(), ahead, 0.02);
  }
}

TEST(ClockOffset, two_seconds_are_corrected_once_three_reports_agree) {
  Reports reports;
  for (int i = 0; i < 3; ++i) reports.report(2);
  EXPECT_EQ(reports.clock.correction(), 0);
  reports.report(2);
  EXPECT_EQ(reports.clock.correction(), -2);
}

TEST(ClockOffset, late_reports_and_unknown_resets_do_not_change_it) {
  Reports reports;
  for (int i = 0; i < 5; ++i) reports.report(3600);
  reports.report(3600, 4);
  reports.report(3600, 2);
  reports.reset_in_between(3600);
  for (int i = 0; i < 3; ++i) reports.report(3600);
  EXPECT_EQ(reports.clock.correction(), -3600);

  Reports honest;
  honest.report(0);
  honest.reset_in_between(0);  // --reset-stats in the first seconds of a test
  for (int i = 0; i < 5; ++i) {
    honest.report(0, i % 3 == 0 ? 2.5 : 0.01);
    EXPECT_EQ(honest.clock.correction(), 0);
  }
}

TEST(ClockOffset, reports_that_a_broken_connection_held_up_say_nothing_of_the_clock) {
  for (const int reports_before : {0, 1, 5}) {
    for (const double ahead : {0.0, -3600.0}) {
      Reports reports;
      for (int i = 0; i < reports_before; ++i) reports.report(ahead);
      for (double delay = 45; delay > 0; delay -= 3) {
        reports.report(ahead, delay);
        EXPECT_THAT(reports.clock.correction(), AnyOf(0, -ahead)) << reports_before << ' ' << delay;
      }
      for (int i = 0; i < 4; ++i) reports.report(ahead);
      EXPECT_EQ(reports.clock.correction(), -ahead) << reports_before;
    }
  }
}

TEST(ClockOffset, a_clock_that_is_set_is_followed_within_three_reports) {
  Reports reports;
  for (int i = 0; i < 5; ++i) reports.report(0);
  for (int i = 0; i < 4; ++i) reports.report(-7200);
  EXPECT_EQ(reports.clock.correction(), 7200);
}

TEST(ClockOffset, times_that_are_none_are_ignored) {
  ClockOffset clock;
  clock.observe(kNow, kNow);
  for (const double start : {0.0, 1e300, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    clock.observe(start, kNow + 3);
  }
  EXPECT_EQ(clock.correction(), 0);
  EXPECT_EQ(clock.ahead(), 0);
}

StatsReport report_of(double start, double last) {
  StatsReport report{{StatsEntry("/", "GET", start)}, StatsEntry("Aggregated", "", start), {}};
  for (StatsEntry* entry : {report.stats.data(), &report.stats_total}) {
    entry->log(last, 10, 100);
    entry->log_error(last);
  }
  report.errors = {{"key", {"/", "GET", "boom", 1, last, last}}};
  return report;
}

TEST(CorrectTimes, times_up_to_a_second_outside_the_test_stay_as_they_are) {
  StatsReport report = report_of(kNow - 1, kNow + 4);
  correct_times(report, 0, kNow, kNow + 3);
  EXPECT_EQ(report.stats_total.start_time, kNow - 1);
  EXPECT_EQ(report.stats_total.last_request_timestamp, kNow + 4);
  StatsReport beyond = report_of(kNow - 1.5, kNow + 4.5);
  correct_times(beyond, 0, kNow, kNow + 3);
  EXPECT_EQ(beyond.stats_total.start_time, kNow);
  EXPECT_EQ(beyond.stats_total.last_request_timestamp, kNow + 3);
}

TEST(CorrectTimes, every_time_of_a_report_is_shifted) {
  StatsReport report = report_of(kNow + 3600, kNow + 3602.5);
  correct_times(report, -3600, kNow, kNow + 3);
  for (const StatsEntry* entry : {report.stats.data(), &report.stats_total}) {
    EXPECT_EQ(entry->start_time, kNow);
    EXPECT_EQ(entry->last_request_timestamp, kNow + 2.5);
    EXPECT_THAT(entry->num_reqs_per_sec.seconds(),
                ElementsAre(SecondCounts::Second{static_cast<std::int64_t>(kNow) + 2, 1}));
    EXPECT_THAT(entry->num_fail_per_sec.seconds(),
                ElementsAre(SecondCounts::Second{static_cast<std::int64_t>(kNow) + 2, 1}));
  }
  EXPECT_EQ(report.errors[0].second.first_seen, kNow + 2.5);
  EXPECT_EQ(report.errors[0].second.last_seen, kNow + 2.5);
}

TEST(CorrectTimes, no_time_is_left_outside_the_test) {
  StatsReport late = report_of(kNow, kNow + 3600);
  correct_times(late, 0, kNow, kNow + 3);
  EXPECT_EQ(late.stats_total.last_request_timestamp, kNow + 3);
  EXPECT_EQ(late.errors[0].second.last_seen, kNow + 3);
  StatsReport early = report_of(kNow - 3600, kNow - 3598);
  correct_times(early, 0, kNow, kNow + 3);
  EXPECT_EQ(early.stats_total.start_time, kNow);
  EXPECT_EQ(early.stats_total.last_request_timestamp, kNow);
  StatsReport close = report_of(kNow - 0.5, kNow + 3.5);
  correct_times(close, 0, kNow, kNow + 3);
  EXPECT_EQ(close.stats_total.start_time, kNow - 0.5);
  EXPECT_EQ(close.stats_total.last_request_timestamp, kNow + 3.5);
}

TEST(CorrectTimes, times_that_are_missing_stay_so) {
  StatsReport report = report_of(std::numeric_limits<double>::infinity(), kNow);
  report.stats_total.last_request_timestamp.reset();
  report.errors[0].second.first_seen.reset();
  report.errors[0].second.last_seen = 0;
  correct_times(report, 5, kNow, kNow + 3);
  EXPECT_EQ(report.stats_total.start_time, std::numeric_limits<double>::infinity());
  EXPECT_EQ(report.stats_total.last_request_timestamp, std::nullopt);
  EXPECT_EQ(report.errors[0].second.first_seen, std::nullopt);
  EXPECT_EQ(report.errors[0].second.last_seen, 0);
}

}  // namespace
}  // namespace locust::master
