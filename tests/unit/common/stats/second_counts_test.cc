#include "common/stats/second_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace locust {
namespace {

using ::testing::ElementsAre;
using Second = SecondCounts::Second;

TEST(SecondCounts, seconds_that_arrive_in_any_order_end_up_sorted_and_added) {
  SecondCounts counts;
  for (const std::int64_t second : {100, 101, 101, 99, 150, 100, 2}) counts.add(second);
  EXPECT_THAT(counts.seconds(), ElementsAre(Second{2, 1}, Second{99, 1}, Second{100, 2},
                                            Second{101, 2}, Second{150, 1}));
  EXPECT_EQ(counts.count(101), 2);
  EXPECT_EQ(counts.count(102), 0);
}

TEST(SecondCounts, a_late_second_is_found_far_from_the_end) {
  SecondCounts counts;
  for (std::int64_t second = 0; second < 1000; second += 2) counts.add(second);
  counts.add(10);
  counts.add(11);
  EXPECT_EQ(counts.count(10), 2);
  EXPECT_EQ(counts.count(11), 1);
  EXPECT_EQ(counts.seconds().size(), 501U);
}

TEST(SecondCounts, merging_adds_second_by_second) {
  SecondCounts mine;
  mine.add(5, 3);
  SecondCounts other;
  other.add(4, 1);
  other.add(5, 2);
  mine.merge(other);
  EXPECT_THAT(mine.seconds(), ElementsAre(Second{4, 1}, Second{5, 5}));
}

TEST(SecondCounts, of_a_day_the_last_hours_are_remembered) {
  SecondCounts counts;
  constexpr std::int64_t kDay = 24 * 3600;
  for (std::int64_t second = 0; second < kDay; ++second) counts.add(second);
  EXPECT_LE(counts.seconds().size(), SecondCounts::kMaxSeconds);
  EXPECT_GE(counts.seconds().size(), SecondCounts::kMaxSeconds - 600);
  EXPECT_EQ(counts.seconds().back().second, kDay - 1);
  counts.add(5);
  EXPECT_LE(counts.seconds().size(), SecondCounts::kMaxSeconds);
}

TEST(SecondCounts, what_may_not_grow_forgets_the_oldest_seconds) {
  SecondCounts counts;
  for (std::int64_t second = 0; second < 1000; ++second) counts.add(second);
  for (std::int64_t second = 1000; second < 3000; ++second) {
    SecondCounts other;
    other.add(second, 2);
    counts.merge(other, false);
    ASSERT_LE(counts.seconds().size(), 1000U);
  }
  EXPECT_GE(counts.seconds().size(), SecondCounts::kLeastSeconds / 2);
  EXPECT_EQ(counts.seconds().back(), (Second{2999, 2}));
}

TEST(SecondCounts, confining_counts_what_lies_outside_at_the_ends) {
  SecondCounts counts;
  for (const std::int64_t second : {-5, 1, 10, 11, 12, 20, 1000}) counts.add(second);
  counts.confine(10, 12);
  EXPECT_THAT(counts.seconds(), ElementsAre(Second{10, 3}, Second{11, 1}, Second{12, 3}));
  counts.confine(0, 12);
  EXPECT_EQ(counts.seconds().size(), 3U);
  counts.confine(20, 0);
  EXPECT_THAT(counts.seconds(), ElementsAre(Second{20, 7}));
}

TEST(SecondCounts, shifting_dates_every_second_later) {
  SecondCounts counts;
  counts.add(5);
  counts.add(7);
  counts.shift(-3);
  EXPECT_THAT(counts.seconds(), ElementsAre(Second{2, 1}, Second{4, 1}));
}

}  // namespace
}  // namespace locust
