#include "proto/histogram_wire.h"

#include <gtest/gtest.h>

#include <random>

#include "proto/message.h"

namespace locust::proto {
namespace {

using namespace std::chrono_literals;

std::string histogram_refusal(std::string_view bytes) {
  const auto result = unpack_histogram(bytes);
  return result ? "" : result.error();
}

TEST(HistogramWire, IsStepsAndCounts) {
  Histogram histogram;
  EXPECT_EQ(pack_histogram(histogram), "");
  histogram.add({5, 1});
  histogram.add({7, 200});
  histogram.add({Histogram::kBuckets - 1, 1});
  EXPECT_EQ(pack_histogram(histogram), std::string("\x05\x01\x02\xc8\x01\xd3\x5e\x01"));
  EXPECT_EQ(unpack_histogram(pack_histogram(histogram))->buckets(), histogram.buckets());
}

// Three seconds of a name with 3,300 requests a second: a few KiB, and nothing is lost.
TEST(HistogramWire, ThousandsOfTimesAreAFewKilobytes) {
  std::mt19937 random(5);
  std::lognormal_distribution<double> times(-4, 1);
  Histogram histogram;
  for (int i = 0; i < 10'000; ++i) histogram.add(seconds(times(random)));
  const std::string bytes = pack_histogram(histogram);
  EXPECT_LT(bytes.size(), 6500U);
  EXPECT_EQ(unpack_histogram(bytes)->buckets(), histogram.buckets());
}

TEST(HistogramWire, RefusesWhatCannotBe) {
  EXPECT_EQ(histogram_refusal(""), "");
  EXPECT_EQ(histogram_refusal("\x05"), "a number is cut short");
  EXPECT_EQ(histogram_refusal("\x05\x80"), "a number is cut short");
  EXPECT_EQ(histogram_refusal(std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01")),
            "a number is cut short");
  EXPECT_EQ(histogram_refusal(std::string("\x05\x01\x00\x01", 4)), "a bucket comes twice");
  EXPECT_EQ(histogram_refusal(std::string("\x00\x01\x01\x01", 4)), "");
  EXPECT_EQ(histogram_refusal("\xdb\x5e\x01"), "a bucket is out of range");
  EXPECT_EQ(histogram_refusal("\xda\x5e\x01"), "");
  EXPECT_EQ(histogram_refusal("\xda\x5e\x01\x01\x01"), "a bucket is out of range");
  EXPECT_EQ(histogram_refusal(std::string("\x05\x00", 2)), "a count is out of range");
  EXPECT_EQ(histogram_refusal("\x05\xff\xff\xff\xff\xff\xff\xff\x7f"), "a count is out of range");
}

}  // namespace
}  // namespace locust::proto
