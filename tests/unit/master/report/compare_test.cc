#include "master/report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/stats/stats.h"
#include "master/report/stats_json.h"

namespace locust::master {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json entry(const std::string& name, int requests, double p95) {
  return {{"method", "GET"},
          {"name", name},
          {"num_requests", requests},
          {"num_failures", 0},
          {"total_rps", 1.5},
          {"avg_response_time", 12.0},
          {"percentiles", {{"95", p95}}}};
}

std::string run(const std::vector<json>& entries) {
  json total = entry("Aggregated", 100, 50);
  return json{{"kind", "report"}, {"entries", {{"entries", entries}, {"total", total}}}}.dump();
}

std::string joined(const Comparison& comparison) {
  std::string text;
  for (const std::string& line : comparison.lines) text += line + "\n";
  return text;
}

TEST(CompareRuns, TellsHowMuchEachNumberChanged) {
  const auto result = compare_runs(run({entry("/a", 100, 40)}), run({entry("/a", 110, 30)}));
  ASSERT_TRUE(result) << result.error();
  const std::string text = joined(*result);
  EXPECT_THAT(text, HasSubstr("GET /a\n"));
  EXPECT_THAT(text, testing::ContainsRegex("requests +100 +110 +\\+10.0%"));
  EXPECT_THAT(text, testing::ContainsRegex("p95 ms +40 +30 +-25.0%"));
  const json written = json::parse(result->json);
  EXPECT_EQ(written["rows"][0]["values"]["p95 ms"]["change_percent"], -25.0);
  EXPECT_EQ(written["rows"][1]["name"], "Aggregated");
}

TEST(CompareRuns, NamesOfOneRunOnlyAreShown) {
  const auto result = compare_runs(run({entry("/a", 1, 1)}), run({entry("/b", 2, 2)}));
  ASSERT_TRUE(result) << result.error();
  EXPECT_THAT(joined(*result), HasSubstr("GET /a  (only in the first run)"));
  EXPECT_THAT(joined(*result), HasSubstr("GET /b  (only in the second run)"));
}

TEST(CompareRuns, TakesTheFilesOfJsonFile) {
  RequestStats stats(1000);
  for (int i = 1; i <= 100; ++i) {
    stats.log_request(1000 + i / 10.0, "GET", "/a", Number(i <= 50 ? 10 : 20), 1);
  }
  (void)stats.log_error(1010, "GET", "/a", "no");
  stats.log_transaction(1010, "order", Number(500), "");
  const auto result = compare_runs(stats_json(stats), run({entry("/a", 110, 30)}));
  ASSERT_TRUE(result) << result.error();
  const std::string text = joined(*result);
  EXPECT_THAT(text, testing::ContainsRegex("GET /a\n  requests +100 +110 +\\+10.0%\n"
                                           "  failures +1 +0 +-100.0%\n"
                                           "  requests/s +10.10 +1.50 "));
  EXPECT_THAT(text, testing::ContainsRegex("average ms +15 +12 "));
  EXPECT_THAT(text, testing::ContainsRegex("p95 ms +20 +30 "));
  EXPECT_THAT(text, HasSubstr("TX order  (only in the first run)"));
  EXPECT_THAT(text, testing::ContainsRegex("Aggregated\n  requests +100 +100 "));
}

TEST(CompareRuns, NumbersOfAJsonFileThatAreNoneHarmNothing) {
  const std::string odd = R"([{"name": "a", "num_requests": 1e300, "response_times":
      {"x": 1, "nan": 1, "5": -3, "6": 1e300}, "start_time": "y"}])";
  EXPECT_TRUE(compare_runs(odd, odd));
}

TEST(CompareRuns, SaysWhichFileIsNoRun) {
  const std::string good = run({});
  EXPECT_THAT(compare_runs("{", good).error(), HasSubstr("the first file is neither"));
  EXPECT_THAT(compare_runs(good, "[1]").error(), HasSubstr("the second file is neither"));
  EXPECT_THAT(compare_runs(good, R"([{"name": "a"}])").error(), HasSubstr("the second file"));
  EXPECT_THAT(compare_runs(good, R"({"entries": {"entries": {}, "total": {}}})").error(),
              HasSubstr("the second file"));
}

}  // namespace
}  // namespace locust::master
