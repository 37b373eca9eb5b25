#include "common/stats/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <vector>

namespace locust {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Bucket = Histogram::Bucket;

TEST(Histogram, EveryMicrosecondUpToAMillisecondIsABucket) {
  for (const auto us : {0us, 1us, 2us, 999us, 1023us}) {
    EXPECT_EQ(Histogram::index_of(us), static_cast<std::size_t>(us.count()));
    EXPECT_EQ(Histogram::value_of(Histogram::index_of(us)), us);
  }
  EXPECT_EQ(Histogram::index_of(1499ns), 1U);
  EXPECT_EQ(Histogram::index_of(1501ns), 2U);
}

TEST(Histogram, NoDurationIsFurtherThanAThousandthFromItsBucket) {
  std::size_t last = 0;
  for (double us = 1; us < 3.6e9; us = us * 1.0003 + 1) {
    const Duration duration = std::chrono::microseconds(static_cast<std::int64_t>(us));
    const std::size_t index = Histogram::index_of(duration);
    ASSERT_GE(index, last) << us;
    ASSERT_LT(index, Histogram::kBuckets);
    last = index;
    const double error = to_seconds(Histogram::value_of(index)) / to_seconds(duration) - 1;
    ASSERT_LE(std::abs(error), 0.001) << us;
  }
  EXPECT_EQ(Histogram::index_of(Histogram::kMax), Histogram::kBuckets - 1);
}

TEST(Histogram, EveryBucketHoldsItsOwnValue) {
  for (std::size_t index = 0; index < Histogram::kBuckets; ++index) {
    ASSERT_EQ(Histogram::index_of(Histogram::value_of(index)), index);
  }
}

TEST(Histogram, WhatIsOutOfRangeCountsAtItsEnds) {
  Histogram histogram;
  histogram.add(-5ms);
  histogram.add(3h);
  EXPECT_THAT(histogram.buckets(), ElementsAre(Bucket{0, 1}, Bucket{Histogram::kBuckets - 1, 1}));
}

TEST(Histogram, PercentilesSinceACopySeeOnlyWhatWasAdded) {
  Histogram histogram;
  for (int i = 0; i < 50; ++i) histogram.add(1s);
  const Histogram old = histogram;
  EXPECT_EQ(histogram.percentile_since(old, 0.5), std::nullopt);
  for (int i = 0; i < 9; ++i) histogram.add(184us);
  histogram.add(3ms);
  EXPECT_EQ(histogram.percentile_since(old, 0.5), 184us);
  EXPECT_EQ(histogram.percentile_since(old, 0.95), Histogram::value_of(Histogram::index_of(3ms)));
  EXPECT_EQ(histogram.percentile(0.95), Histogram::value_of(Histogram::index_of(1s)));
}

TEST(Histogram, PercentilesHaveTheRankOfStocksAndTheValueOfTheBucket) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), std::nullopt);
  for (int ms = 10; ms >= 1; --ms) histogram.add(std::chrono::milliseconds(ms));
  EXPECT_EQ(histogram.percentile(0), 1ms);
  EXPECT_EQ(histogram.percentile(0.1), Histogram::value_of(Histogram::index_of(2ms)));
  EXPECT_EQ(histogram.percentile(0.5), Histogram::value_of(Histogram::index_of(6ms)));
  EXPECT_EQ(histogram.percentile(0.99), Histogram::value_of(Histogram::index_of(10ms)));
  EXPECT_EQ(histogram.percentile(1), Histogram::value_of(Histogram::index_of(10ms)));
}

TEST(Histogram, PercentilesOfAMillionTimesAreExactToThreeDigits) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> times(-3, 1.5);  // around 50 ms
  Histogram histogram;
  std::vector<double> sorted;
  for (int i = 0; i < 1'000'000; ++i) {
    sorted.push_back(times(random));
    histogram.add(seconds(sorted.back()));
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double percent : {0.01, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
    const double exact = sorted[static_cast<std::size_t>(percent * 1'000'000)];
    EXPECT_NEAR(to_seconds(*histogram.percentile(percent)), exact, exact * 0.0011) << percent;
  }
}

TEST(Histogram, MergingIsAddingEverything) {
  std::mt19937 random(3);
  std::lognormal_distribution<double> times(-4, 2);
  Histogram parts[3];
  Histogram whole;
  for (int i = 0; i < 9000; ++i) {
    const Duration time = seconds(times(random));
    parts[i % 3].add(time);
    whole.add(time);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  merged.merge(Histogram());
  EXPECT_EQ(merged.buckets(), whole.buckets());
  EXPECT_EQ(merged.count(), 9000);
}

TEST(Histogram, ClearingForgetsEverything) {
  Histogram histogram;
  histogram.add(5ms);
  histogram.clear();
  EXPECT_TRUE(histogram.empty());
  EXPECT_THAT(histogram.buckets(), IsEmpty());
  histogram.add(7us);
  EXPECT_THAT(histogram.buckets(), ElementsAre(Bucket{7, 1}));
}

TEST(Histogram, CountsStopAtTheLargestNumber) {
  Histogram histogram;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  histogram.add({3, kMost});
  histogram.add({3, kMost});
  EXPECT_EQ(histogram.count(), kMost);
  EXPECT_EQ(histogram.percentile(0.5), 3us);
}

}  // namespace
}  // namespace locust
