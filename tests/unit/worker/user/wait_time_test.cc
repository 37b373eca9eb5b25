#include "worker/user/wait_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace locust::worker {
namespace {

using namespace std::chrono_literals;

class WaitTimeTest : public ::testing::Test {
 protected:
  // The wait asked for at `now_`, which then passes.
  double wait(const WaitTime& wait_time) {
    const Duration d = wait_time({.now = now_, .pacing = pacing_, .rng = rng_});
    now_ += d;
    return to_seconds(d);
  }
  std::vector<double> draw(const WaitTime& wait_time, int n) {
    std::vector<double> result;
    for (int i = 0; i < n; ++i) result.push_back(wait(wait_time));
    return result;
  }

  TimePoint now_{100s};
  PacingState pacing_{now_};
  Rng rng_{42};
};

double mean(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}

TEST_F(WaitTimeTest, ConstantIsAlwaysTheSame) {
  EXPECT_EQ(wait(constant(2.5)), 2.5);
  EXPECT_EQ(wait(constant(2.5)), 2.5);
  EXPECT_EQ(wait(constant(0)), 0);
}

TEST_F(WaitTimeTest, BetweenIsUniformBetweenItsLimits) {
  const std::vector<double> waits = draw(between(3, 10.5), 20'000);
  EXPECT_GE(*std::min_element(waits.begin(), waits.end()), 3.0);
  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), 10.5);
  EXPECT_NEAR(mean(waits), 6.75, 0.05);
}

TEST_F(WaitTimeTest, ConstantPacingStartsTasksAtEqualDistances) {
  const WaitTime pacing = constant_pacing(10);
  now_ += 3s;  // a task of 3 s
  EXPECT_EQ(wait(pacing), 7);
  now_ += 4s;
  EXPECT_EQ(wait(pacing), 6);
  now_ += 10s;
  EXPECT_EQ(wait(pacing), 0);
}

TEST_F(WaitTimeTest, ConstantPacingDoesNotCatchUpAfterALongTask) {
  const WaitTime pacing = constant_pacing(10);
  now_ += 35s;
  EXPECT_EQ(wait(pacing), 0);
  now_ += 1s;
  EXPECT_EQ(wait(pacing), 9);
}

TEST_F(WaitTimeTest, ConstantThroughputIsPacingByItsInverse) {
  const WaitTime throughput = constant_throughput(0.1);
  now_ += 3s;
  EXPECT_EQ(wait(throughput), 7);
}

TEST_F(WaitTimeTest, PoissonWaitsAreExponentialAroundTheInverseRate) {
  const std::vector<double> waits = draw(poisson(4), 100'000);
  EXPECT_GE(*std::min_element(waits.begin(), waits.end()), 0.0);
  EXPECT_NEAR(mean(waits), 0.25, 0.005);
  // A share of 1/e of an exponential distribution lies beyond its mean.
  const auto beyond = std::count_if(waits.begin(), waits.end(), [](double w) { return w > 0.25; });
  EXPECT_NEAR(static_cast<double>(beyond) / 100'000, std::exp(-1), 0.01);
}

TEST_F(WaitTimeTest, LognormalHasTheGivenMedianAndSpread) {
  std::vector<double> waits = draw(lognormal(3, 0.8), 100'001);
  std::sort(waits.begin(), waits.end());
  EXPECT_NEAR(waits[50'000], 3, 0.05);
  // One sigma above the median: 84.13 % lie below.
  EXPECT_NEAR(waits[84'135], 3 * std::exp(0.8), 0.15);
}

TEST_F(WaitTimeTest, AnyCallableIsAWaitTime) {
  const WaitTime twice_the_last = [](const WaitInput& in) {
    return in.pacing.last_wait = in.pacing.last_wait * 2 + 1s;
  };
  EXPECT_EQ(wait(twice_the_last), 1);
  EXPECT_EQ(wait(twice_the_last), 3);
}

TEST_F(WaitTimeTest, ASeedFixesTheSequence) {
  const std::vector<double> first = draw(between(0, 1), 5);
  rng_.seed(42);
  EXPECT_EQ(draw(between(0, 1), 5), first);
}

}  // namespace
}  // namespace locust::worker
