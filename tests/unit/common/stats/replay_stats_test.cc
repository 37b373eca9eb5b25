#include "tests/replay/replay_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/fakes/test_data.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ReplayOutcome replay(const std::string& text) {
  std::istringstream input(text);
  return replay_stats(input);
}

// One of stock's runs, with reports and checks.
std::string one_run() {
  const std::string file = load_test_data("stats.jsonl.gz");
  const std::size_t first = file.find('\n') + 1;
  return file.substr(first, file.find('\n', first) - first);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string first_difference(const std::string& text) {
  const ReplayOutcome outcome = replay(text);
  EXPECT_EQ(outcome.cases, 1U);
  EXPECT_EQ(outcome.mismatches, 1U);
  return outcome.differences.empty() ? "" : outcome.differences.front();
}

TEST(ReplayStats, all_of_stocks_vectors_are_reproduced) {
  const ReplayOutcome outcome = replay(load_test_data("stats.jsonl.gz"));
  EXPECT_EQ(outcome.cases, 41U);
  EXPECT_EQ(outcome.mismatches, 0U);
  EXPECT_THAT(outcome.differences, IsEmpty());
}

// Made as the others, by stock's stats.py (2.47.0) with its clock replaced: many workers, lost and
// late reports, texts of every script and quoting, times that are negative, huge, whole or missing.
TEST(ReplayStats, unusual_names_errors_and_times_are_reproduced) {
  const ReplayOutcome outcome = replay(load_test_data("stats_unusual.jsonl.gz"));
  EXPECT_EQ(outcome.cases, 12U);
  EXPECT_EQ(outcome.mismatches, 0U);
  EXPECT_THAT(outcome.differences, IsEmpty());
}

TEST(ReplayStats, a_changed_count_in_a_report_is_a_mismatch) {
  EXPECT_EQ(first_difference(replaced(one_run(), "\"num_requests\":4", "\"num_requests\":6")),
            "line 1, event 7: report.stats[0].num_requests: expected 6, got 4");
}

TEST(ReplayStats, a_timestamp_a_microsecond_off_is_a_mismatch) {
  EXPECT_THAT(first_difference(replaced(one_run(), "\"start_time\":1700141013.113239",
                                        "\"start_time\":1700141013.113240")),
              HasSubstr("report.stats[0].start_time"));
}

TEST(ReplayStats, other_floats_may_differ_in_the_tenth_digit_but_not_in_the_eighth) {
  const std::string value = "\"total_response_time\":315.064337";
  EXPECT_EQ(replay(replaced(one_run(), value, value + "0001")).mismatches, 0U);
  EXPECT_THAT(first_difference(replaced(one_run(), value, "\"total_response_time\":315.06435")),
              HasSubstr("total_response_time: expected 315.06435, got 315.064337"));
}

TEST(ReplayStats, a_changed_error_key_is_a_mismatch_on_both_sides) {
  const std::string run = one_run();
  const ReplayOutcome outcome = replay(replaced(run, "\"6ea21402", "\"6ea21403"));
  EXPECT_THAT(outcome.differences,
              ElementsAre(HasSubstr("not known to the product"), HasSubstr("not in the file")));
}

TEST(ReplayStats, one_changed_character_in_any_text_is_a_mismatch) {
  for (const std::string key : {"requests_csv", "failures_csv", "console", "console_final",
                                "console_percentiles", "console_errors"}) {
    std::string run = one_run();
    const std::size_t at = run.find("\"" + key + "\":");
    ASSERT_NE(at, std::string::npos) << key;
    // The text's, or the table's first line's, third character.
    char& c = run[run.find_first_not_of("[\"", at + key.size() + 3) + 2];
    c = c == 'x' ? 'y' : 'x';
    EXPECT_THAT(first_difference(run), HasSubstr("check." + key)) << key;
  }
}

TEST(ReplayStats, a_value_missing_from_a_check_is_a_mismatch) {
  EXPECT_THAT(first_difference(replaced(one_run(), "\"fail_ratio\"", "\"other_ratio\"")),
              HasSubstr("check.other_ratio: not known to the product"));
}

TEST(ReplayStats, keys_and_events_it_does_not_know_are_mismatches) {
  const std::string run = R"({"kind":"run","start":1,"workers":1,"events":[)";
  const std::string log =
      R"({"log":{"now":1.5,"worker":0,"method":"GET","name":"/","response_time":3,)"
      R"("length":0,"error":null)";
  EXPECT_EQ(replay(run + log + "}}]}").mismatches, 0U);
  EXPECT_EQ(first_difference(run + log + R"(,"context":{}}}]})"),
            "line 1, event 0: unknown key context");
  EXPECT_EQ(first_difference(run + R"({"reset":1}]})"), "line 1, event 0: unknown event reset");
  EXPECT_EQ(first_difference(run + R"({"merged_at":1}]})"),
            "line 1, event 0: merged_at without a report");
  EXPECT_EQ(first_difference(R"({"kind":"walk"})"), "line 1, unknown kind walk");
  EXPECT_EQ(first_difference(R"({"kind":"bucket","rows":[[105,110]]})"),
            "line 1, bucket of 105: expected 110, got 100");
  EXPECT_EQ(first_difference("{"), "line 1, not JSON");
}

TEST(ReplayStats, every_line_counts_as_a_case_and_only_the_first_differences_are_kept) {
  std::string file;
  for (int i = 0; i < 30; ++i) file += "{}\n";
  const ReplayOutcome outcome = replay(file);
  EXPECT_EQ(outcome.cases, 30U);
  EXPECT_EQ(outcome.mismatches, 30U);
  EXPECT_EQ(outcome.differences.size(), kMaxDifferences);
}

}  // namespace
}  // namespace locust
