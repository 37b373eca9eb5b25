#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// `feeders` stands at two columns; the task of the class has `steps`, at six.
ParsedScenario parse(const std::string& feeders, const std::string& steps) {
  return parse_scenario(
      {{"f.yaml", "feeders:\n" + feeders + "users:\n  U:\n    tasks:\n     t:\n" + steps}});
}

std::vector<std::string> errors_of(const std::string& feeders, const std::string& steps) {
  return parse(feeders, steps).errors;
}

TEST(ScenarioFeeders, AreReadWithTheirSourcesPicksAndLimits) {
  const ParsedScenario parsed = parse(
      "  accounts: {csv: users.csv, delimiter: ';', pick: unique}\n"
      "  orders: {json: data/orders.json, pick: sequential}\n"
      "  cities: {rows: [{name: Oslo, n: 1}, {name: \"${env.CITY}\"}]}\n"
      "  made: {keep: 100}\n",
      "      - feed: accounts\n"
      "      - add: {made: {id: \"${accounts.email}\", n: 5}}\n"
      "      - get: /${made.id}/${accounts['first name']}\n");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& feeders = parsed.scenario.feeders;
  ASSERT_EQ(feeders.size(), 4U);
  EXPECT_EQ(feeders[0].source, FeederSpec::Source::kCsv);
  EXPECT_EQ(feeders[0].path, "users.csv");
  EXPECT_EQ(feeders[0].delimiter, ';');
  EXPECT_EQ(feeders[0].pick, FeederSpec::Pick::kUnique);
  EXPECT_EQ(feeders[1].source, FeederSpec::Source::kJson);
  EXPECT_EQ(feeders[1].pick, FeederSpec::Pick::kSequential);
  EXPECT_EQ(feeders[2].rows.size(), 2U);
  EXPECT_EQ(feeders[2].pick, FeederSpec::Pick::kRandom);
  EXPECT_EQ(feeders[3].keep, 100U);
  EXPECT_THAT(feeders[3].added_columns, ElementsAre("id", "n"));
  const auto& reads = parsed.scenario.column_reads;
  ASSERT_EQ(reads.size(), 3U);
  EXPECT_EQ(reads[0].column, "email");
  EXPECT_EQ(reads[0].slot, feeders[0].slot);
  EXPECT_EQ(reads[1].column, "id");
  EXPECT_EQ(reads[2].column, "first name");
  EXPECT_EQ(to_string(parsed.scenario, reads[2].pos), "f.yaml:12:28");
}

TEST(ScenarioFeeders, SayWhatIsWrongWithThem) {
  EXPECT_THAT(
      errors_of("  a: {}\n  b: {csv: x, json: y}\n  c: {rows: []}\n"
                "  d: {rows: [1], keep: 0}\n  e: {csv: x, delimiter: ab}\n"
                "  f: {json: x, delimiter: ;}\n  g: {csv: x, pick: uniqe}\n"
                "  h: {rows: [{a: 1}], keep: 5, pick: unique}\n  i: {cvs: x}\n"
                "  status: {csv: x}\n  j: [1]\n  k: {csv: [x]}\n",
                "      - get: /\n"),
      ElementsAre("f.yaml:2:3: feeder 'a' has no rows: give it 'csv', 'json', 'rows' or 'keep'",
                  "f.yaml:3:21: a feeder has one of 'csv', 'json' and 'rows'",
                  "f.yaml:4:13: 'rows' has no rows",
                  "f.yaml:5:14: a row must be a mapping, not a text",
                  "f.yaml:5:24: 'keep' must be 1 or more",
                  "f.yaml:6:26: 'delimiter' must be one character such as ';' or \"\\t\"",
                  "f.yaml:7:16: 'delimiter' belongs to 'csv'",
                  "f.yaml:8:21: 'pick' is random, sequential or unique, not 'uniqe'; did you mean "
                  "'unique'?",
                  "f.yaml:9:23: rows that steps add are not unique; pick random or sequential",
                  "f.yaml:10:3: feeder 'i' has no rows: give it 'csv', 'json', 'rows' or 'keep'",
                  "f.yaml:10:7: unknown key 'cvs' in feeder 'i'; did you mean 'csv'?",
                  "f.yaml:11:3: 'status' is reserved; give the variable another name",
                  "f.yaml:12:6: feeder 'j' must be a mapping, not a list",
                  "f.yaml:13:12: 'csv' must be a text, not a list"));
}

TEST(ScenarioFeeders, AreUsedByStepsThatNameThem) {
  EXPECT_THAT(errors_of("  accounts: {csv: x}\n",
                        "      - feed: acounts\n      - add: {accounts: {a: 1}}\n"
                        "      - add: {nobody: {a: 1}}\n      - set: {accounts: 1}\n"
                        "      - feed: [a]\n      - add: [a]\n      - add: {accounts: 5}\n"
                        "      - get: /${acounts.email}\n"),
              ElementsAre("f.yaml:7:15: there is no feeder 'acounts'; did you mean 'accounts'?",
                          "f.yaml:8:15: the feeder 'accounts' takes no rows from steps; give it "
                          "'keep: 10000'",
                          "f.yaml:9:15: there is no feeder 'nobody'",
                          "f.yaml:10:15: 'accounts' is a feeder; give the variable another name",
                          "f.yaml:11:15: 'feed' must be a text, not a list",
                          "f.yaml:12:14: 'add' must be a mapping, not a list",
                          "f.yaml:13:25: a row of feeder 'accounts' must be a mapping, not a text",
                          "f.yaml:14:17: unknown name 'acounts': nothing sets it; did you mean "
                          "'accounts'?"));
}

TEST(ScenarioFeeders, AreDefinedInOneFileOnly) {
  const std::string users = "users:\n  U: {tasks: {t: []}}\n";
  const auto parsed = parse_scenario(
      {{"a.yaml", "feeders: {a: {csv: x}}\n" + users}, {"b.yaml", "feeders: {a: {csv: x}}\n"}});
  EXPECT_THAT(parsed.errors,
              ElementsAre("b.yaml:1:11: feeder 'a' is defined twice, first in a.yaml:1:11"));
}

}  // namespace
}  // namespace locust
