#include "common/stats/response_times.h"

#include <gtest/gtest.h>

#include <string>

namespace locust {
namespace {

std::string buckets(const ResponseTimes& times) {
  std::string text;
  for (std::size_t i = 0; i < times.size(); ++i) {
    text += times[i].response_time.repr() + ":" + std::to_string(times[i].count) + " ";
  }
  return text;
}

TEST(ResponseTimes, the_range_of_a_bucket_is_decided_before_rounding) {
  EXPECT_EQ(bucket_response_time(99.7).repr(), "100");
  EXPECT_EQ(bucket_response_time(999.9).repr(), "1000");
  EXPECT_EQ(bucket_response_time(147).repr(), "150");
  EXPECT_EQ(bucket_response_time(3432.1).repr(), "3400");
  EXPECT_EQ(bucket_response_time(58760).repr(), "59000");
}

TEST(ResponseTimes, exact_ties_go_to_the_even_neighbour_and_nothing_else_is_a_tie) {
  EXPECT_EQ(bucket_response_time(0.5), 0);
  EXPECT_EQ(bucket_response_time(2.5), 2);
  EXPECT_EQ(bucket_response_time(105), 100);
  EXPECT_EQ(bucket_response_time(105.0), 100);
  EXPECT_EQ(bucket_response_time(115.0), 120);
  EXPECT_EQ(bucket_response_time(105.00000000000001), 110);
  EXPECT_EQ(bucket_response_time(114.99999999999999), 110);
  EXPECT_EQ(bucket_response_time(12500), 12000);
  EXPECT_EQ(bucket_response_time(13500), 14000);
}

TEST(ResponseTimes, negative_and_huge_times_have_buckets_too) {
  EXPECT_EQ(bucket_response_time(-3.7).repr(), "-4");
  EXPECT_EQ(bucket_response_time(-0.2).repr(), "0");
  EXPECT_EQ(bucket_response_time(1e18).repr(), "1000000000000000000");
  EXPECT_EQ(bucket_response_time(1e22).repr(), "1e+22");
  EXPECT_EQ(bucket_response_time(std::int64_t{9223372036854775807}).repr(), "9223372036854775807");
}

TEST(ResponseTimes, keys_equal_in_value_are_one_bucket_of_the_first_ones_kind) {
  ResponseTimes mine;
  mine.add(4000.0, 2);
  ResponseTimes other;
  other.add(4000, 5);
  other.add(60);
  mine.merge(other);
  EXPECT_EQ(buckets(mine), "60:1 4000.0:7 ");
}

TEST(ResponseTimes, keys_of_every_range_and_of_foreign_workers_stay_apart_and_sorted) {
  ResponseTimes times;
  for (const Number& key :
       {Number(100000), Number(99.5), Number(110), Number(-4), Number(1000), Number(105),
        Number(101000), Number(100), Number(10000), Number(11000), Number(1100), Number(0)}) {
    times.add(key);
    times.add(key);
  }
  EXPECT_EQ(buckets(times),
            "-4:2 0:2 99.5:2 100:2 105:2 110:2 1000:2 1100:2 10000:2 11000:2 100000:2 101000:2 ");
  times.clear();
  times.add(110);
  EXPECT_EQ(buckets(times), "110:1 ");
}

TEST(ResponseTimes, a_percentile_is_the_smallest_bucket_that_leaves_enough_requests_below) {
  ResponseTimes times;
  for (int i = 1; i <= 100; ++i) times.add(i);
  EXPECT_EQ(times.percentile(100, 0.5), 51);
  EXPECT_EQ(times.percentile(100, 0.99), 100);
  EXPECT_EQ(times.percentile(100, 1.0), 100);
  EXPECT_EQ(ResponseTimes().percentile(0, 0.5), 0);
}

TEST(ResponseTimes, percentiles_since_a_snapshot_see_only_what_was_added) {
  ResponseTimes times;
  times.add(1000, 50);
  const ResponseTimes::Snapshot old = times.snapshot();
  EXPECT_EQ(times.percentile_since(old, 0, 0.5), 0);
  times.add(20, 9);
  times.add(3000);
  EXPECT_EQ(times.percentile_since(old, 10, 0.5), 20);
  EXPECT_EQ(times.percentile_since(old, 10, 0.95), 3000);
}

// Which second's copy is found, by the number of requests it was stored with.
std::int64_t found(const ResponseTimesCache& cache, std::int64_t second) {
  const auto* copy = cache.about_ten_seconds_before(second);
  return copy == nullptr ? -1 : copy->num_timed_requests;
}

TEST(ResponseTimesCache, the_copy_nearest_to_ten_seconds_ago_is_found_the_older_of_two) {
  ResponseTimesCache cache;
  cache.store(88, {}, 88);
  cache.store(92, {}, 92);
  EXPECT_EQ(found(cache, 100), 88);
  EXPECT_EQ(found(cache, 101), 92);
  EXPECT_EQ(found(cache, 99), 88);
  EXPECT_EQ(found(cache, 110), 92);
  EXPECT_EQ(found(cache, 111), -1);
  EXPECT_EQ(found(cache, 90), 88);
  EXPECT_EQ(found(cache, 89), -1);
}

TEST(ResponseTimesCache, twenty_copies_are_kept_and_a_replaced_one_keeps_its_turn) {
  ResponseTimesCache cache;
  for (std::int64_t s = 1; s <= 20; ++s) cache.store(s, {}, s);
  cache.store(1, {}, 1001);
  EXPECT_EQ(found(cache, 11), 1001);
  cache.store(21, {}, 21);
  EXPECT_EQ(found(cache, 11), 2);
}

TEST(ResponseTimes, CountsBeyondItsMostBucketsInANeighbour) {
  ResponseTimes times;
  for (std::int64_t i = 0; i < 2 * static_cast<std::int64_t>(ResponseTimes::kMaxBuckets); ++i) {
    times.add(Number(static_cast<double>(i) + 0.5));
  }
  EXPECT_EQ(times.size(), ResponseTimes::kMaxBuckets);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < times.size(); ++i) sum += times[i].count;
  EXPECT_EQ(sum, 2 * static_cast<std::int64_t>(ResponseTimes::kMaxBuckets));
}

}  // namespace
}  // namespace locust
