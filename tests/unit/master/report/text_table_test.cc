#include "master/report/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One slow request that failed; the expected lines are stock's.
StatsSummary one_failure() {
  RequestStats stats(1000);
  stats.log_request(1000, "GET", "/naïve/日本", 1150.0, 10);
  stats.log_error(1000, "GET", "/naïve/日本", "CatchResponseError('é')");
  return summarize(stats, 1000);
}

TEST(TextTable, the_name_column_shrinks_with_the_terminal) {
  EXPECT_EQ(stats_name_width(std::nullopt), 80);
  EXPECT_EQ(stats_name_width(300), 80);
  EXPECT_EQ(stats_name_width(100), 20);
  EXPECT_EQ(stats_name_width(60), 0);
}

TEST(TextTable, names_are_padded_by_code_points) {
  EXPECT_THAT(
      stats_table(one_failure(), false, 20),
      ElementsAre(
          "Type     Name              # reqs      # fails |    Avg     Min     Max    Med |   "
          "req/s  failures/s",
          "--------|----------------|-------|-------------|-------|-------|-------|-------|-------"
          "-|-----------",
          "GET      /naïve/日本              1   1(100.00%) |   1150    1150    1150   1150 |    "
          "0.00        0.00",
          "--------|----------------|-------|-------------|-------|-------|-------|-------|-------"
          "-|-----------",
          "         Aggregated             1   1(100.00%) |   1150    1150    1150   1150 |    "
          "0.00        0.00"));
}

TEST(TextTable, a_terminal_too_narrow_for_names_prints_what_stock_prints) {
  const auto lines = stats_table(one_failure(), false, 0);
  EXPECT_EQ(lines[0],
            "Type     Name  # reqs      # fails |    Avg     Min     Max    Med |   req/s  "
            "failures/s");
  EXPECT_EQ(lines[1],
            "--------||-------|-------------|-------|-------|-------|-------|--------|-----------");
  EXPECT_EQ(percentile_table(one_failure(), 2)[2],
            "--------|--|--------|------|------|------|------|------|------|------|------|------|"
            "------|------");
}

TEST(TextTable, the_percentile_tables_first_column_is_wider_and_counts_stand_last) {
  EXPECT_THAT(
      percentile_table(one_failure(), 4),
      ElementsAre(
          "Response time percentiles (approximated)",
          "Type     Name      50%    66%    75%    80%    90%    95%    98%    99%  99.9% 99.99%   "
          "100% # reqs",
          "--------|----|--------|------|------|------|------|------|------|------|------|------|"
          "------|------",
          "GET      /naïve/日本     1200   1200   1200   1200   1200   1200   1200   1200   1200   "
          "1200   1200      1",
          "--------|----|--------|------|------|------|------|------|------|------|------|------|"
          "------|------",
          "         Aggregated     1200   1200   1200   1200   1200   1200   1200   1200   1200   "
          "1200   1200      1"));
}

TEST(TextTable, entries_without_a_timed_request_have_no_percentiles) {
  RequestStats stats(1000);
  stats.log_request(1000, "GET", "/", std::nullopt, 10);
  EXPECT_EQ(percentile_table(summarize(stats, 1000), 80).size(), 4U);
}

TEST(TextTable, the_error_report_is_empty_without_errors_and_else_ends_in_an_empty_line) {
  EXPECT_THAT(error_table(summarize(RequestStats(1000), 1000), 80), IsEmpty());
  const auto lines = error_table(one_failure(), 20);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[2], "------------------|" + std::string(81, '-'));
  EXPECT_EQ(lines[3], "1                  GET /naïve/日本: 'é'" + std::string(82, ' '));
  EXPECT_EQ(lines[5], "");
}

TEST(TextTable, names_neither_steer_the_terminal_nor_forge_lines) {
  RequestStats stats(1000);
  stats.log_request(1000, "G\x1b[2J", "\x1b]0;title\x07", 10, 1);
  stats.log_request(1000, "GET", "a\nGET /forged", 10, 1);
  stats.log_error(1000, "GET", "a\nb", "\u202egnp");
  const StatsSummary summary = summarize(stats, 1000);
  std::string all;
  for (const auto& table :
       {stats_table(summary, true, 40), percentile_table(summary, 40), error_table(summary, 40)}) {
    for (const std::string& line : table) {
      EXPECT_EQ(line.find_first_of("\n\x1b\x07"), std::string::npos) << line;
      all += line + "\n";
    }
  }
  for (const char* shown : {"G\\x1b[2J", "\\x1b]0;title\\x07", "a\\x0aGET /forged", "\\u202egnp"}) {
    EXPECT_NE(all.find(shown), std::string::npos) << shown;
  }
}

}  // namespace
}  // namespace locust
