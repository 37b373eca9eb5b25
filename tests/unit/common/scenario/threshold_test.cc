#include "common/scenario/threshold.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

Threshold one(const std::string& text) {
  ParsedThresholds parsed = parse_thresholds(text);
  EXPECT_EQ(parsed.thresholds.size(), 1U) << text << ": " << parsed.message;
  return parsed.thresholds.empty() ? Threshold{} : parsed.thresholds.front();
}

std::string error_of(const std::string& text) {
  const ParsedThresholds parsed = parse_thresholds(text);
  EXPECT_TRUE(parsed.thresholds.empty()) << text;
  return std::to_string(parsed.offset) + ": " + parsed.message;
}

TEST(Threshold, ConditionsHaveAMetricAComparisonAndALimit) {
  const Threshold p95 = one("p95 < 500ms");
  EXPECT_EQ(p95.metric, ThresholdMetric::kPercentile);
  EXPECT_DOUBLE_EQ(p95.percentile, 0.95);
  EXPECT_EQ(p95.op, ThresholdOp::kLess);
  EXPECT_DOUBLE_EQ(p95.limit, 500);
  EXPECT_TRUE(p95.is_aggregated());
  EXPECT_EQ(p95.row(), "Aggregated");
  EXPECT_EQ(p95.condition, "p95 < 500ms");
  EXPECT_DOUBLE_EQ(one("p99.9<=1m").percentile, 0.999);
  EXPECT_DOUBLE_EQ(one("median > 2s").percentile, 0.5);
  EXPECT_DOUBLE_EQ(one("fail_ratio < 1%").limit, 0.01);
  EXPECT_DOUBLE_EQ(one("fail_ratio < 0.01").limit, 0.01);
  EXPECT_EQ(one("failures == 0").op, ThresholdOp::kEqual);
  EXPECT_EQ(one("rps >= 20.5").op, ThresholdOp::kGreaterEqual);
}

TEST(Threshold, ARowHasATypeAndAName) {
  const ParsedThresholds parsed = parse_thresholds("GET http://a:80/x: p99 < 800ms, rps > 20");
  ASSERT_EQ(parsed.thresholds.size(), 2U) << parsed.message;
  EXPECT_EQ(parsed.thresholds[0].method, "GET");
  EXPECT_EQ(parsed.thresholds[0].name, "http://a:80/x");
  EXPECT_EQ(parsed.thresholds[1].row(), "GET http://a:80/x");
  EXPECT_EQ(parsed.thresholds[1].condition, "rps > 20");
  EXPECT_TRUE(one("Aggregated: max < 2s").is_aggregated());
  EXPECT_EQ(one("TX buy a book: max < 2s").name, "buy a book");
}

TEST(Threshold, SaysWhereAndWhyATextIsNone) {
  EXPECT_EQ(error_of("p95 < 500"), "6: a time needs a unit: 500ms or 500s");
  EXPECT_EQ(error_of("avg < fast"), "6: 'fast' is not a time such as 500ms or 2s");
  EXPECT_EQ(error_of("avgg < 5s"), "0: unknown metric 'avgg'; did you mean 'avg'?");
  EXPECT_EQ(error_of("rps > 1, latency < 5s"),
            "9: unknown metric 'latency'; there are fail_ratio, failures, requests, rps, avg, "
            "median, min, max and percentiles such as p95 and p99.9");
  EXPECT_EQ(error_of("p101 < 5s").substr(0, 24), "0: unknown metric 'p101'");
  EXPECT_EQ(error_of("p0 < 5s").substr(0, 22), "0: unknown metric 'p0'");
  EXPECT_EQ(error_of("fail_ratio < 5"), "13: '5' is more than all requests; write 5%");
  EXPECT_EQ(error_of("fail_ratio < x"), "13: 'x' is not a ratio such as 1% or 0.01");
  EXPECT_EQ(error_of("rps > -1"), "6: '-1' is not a number, 0 or more");
  EXPECT_EQ(error_of("rps = 1"), "4: unknown comparison; there are < <= > >= == and !=");
  const std::string form = "a threshold is METRIC OP VALUE, such as 'p95 < 500ms'";
  EXPECT_EQ(error_of(""), "0: " + form);
  EXPECT_EQ(error_of("p95"), "0: " + form);
  EXPECT_EQ(error_of("p95 <"), "0: " + form);
  EXPECT_EQ(error_of("p95 < 1s,"), "9: " + form);
  EXPECT_EQ(error_of("login: p95 < 1s"),
            "0: 'login' is not a row of the statistics: write its type and name, such as 'GET /'");
  EXPECT_EQ(error_of("GET /: p95 < 1"), "13: a time needs a unit: 1ms or 1s");
}

TEST(Threshold, ComparesAsItSays) {
  EXPECT_TRUE(satisfies(1, ThresholdOp::kLess, 2));
  EXPECT_FALSE(satisfies(2, ThresholdOp::kLess, 2));
  EXPECT_TRUE(satisfies(2, ThresholdOp::kLessEqual, 2));
  EXPECT_TRUE(satisfies(3, ThresholdOp::kGreater, 2));
  EXPECT_TRUE(satisfies(2, ThresholdOp::kGreaterEqual, 2));
  EXPECT_TRUE(satisfies(2, ThresholdOp::kEqual, 2));
  EXPECT_TRUE(satisfies(1, ThresholdOp::kNotEqual, 2));
}

}  // namespace
}  // namespace locust
