// `shape`, `shapes` and `thresholds` of a scenario.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ParsedScenario parse(const std::string& text) {
  return parse_scenario({{"f.yaml", text + "users: {Shop: {tasks: {t: [get: /]}}}\n"}});
}

std::vector<std::string> errors_of(const std::string& text) { return parse(text).errors; }

TEST(ScenarioShapes, StagesEndAfterATimeOrAtOne) {
  const ParsedScenario parsed = parse(R"(shapes:
  smoke: {stages: [{for: 30s, users: 1, spawn_rate: 1}]}
  nightly:
    stages:
      - {until: 60, users: 50, spawn_rate: 10}
      - {for: 2m, users: {Shop: 200}}
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& shapes = parsed.scenario.shapes;
  ASSERT_EQ(shapes.size(), 2U);
  EXPECT_EQ(shapes[0].name, "smoke");
  const auto& stages = std::get<std::vector<ShapeStage>>(shapes[1].load);
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[0].end, std::chrono::seconds(60));
  EXPECT_EQ(stages[0].users, 50);
  EXPECT_EQ(stages[0].spawn_rate, 10);
  EXPECT_EQ(stages[1].end, std::chrono::seconds(180));
  EXPECT_EQ(stages[1].users, 200);
  EXPECT_EQ(stages[1].spawn_rate, std::nullopt);
  EXPECT_THAT(stages[1].classes, ElementsAre(ClassCount{"Shop", 200}));
}

TEST(ScenarioShapes, AShapeMayBeAFormulaOrAFile) {
  const ParsedScenario parsed = parse(R"yaml(shapes:
  wave: {users: "100 + 50*sin(2*pi*t/600)", spawn_rate: 10, until: 1h}
  replayed: {csv: monday.csv}
)yaml");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& wave = std::get<ShapeFormulas>(parsed.scenario.shapes[0].load);
  EXPECT_EQ(wave.users.text, "100 + 50*sin(2*pi*t/600)");
  EXPECT_EQ(wave.spawn_rate->text, "10");
  EXPECT_EQ(wave.until, std::chrono::hours(1));
  EXPECT_EQ(std::get<ShapeFile>(parsed.scenario.shapes[1].load).path, "monday.csv");
}

TEST(ScenarioShapes, ASingleShapeIsCalledShape) {
  const ParsedScenario parsed = parse("shape: {stages: [{for: 5, users: 1}]}\n");
  ASSERT_THAT(parsed.errors, IsEmpty());
  EXPECT_EQ(parsed.scenario.shapes.at(0).name, "shape");
}

TEST(ScenarioShapes, SayWhatIsWrongWithThem) {
  EXPECT_THAT(
      errors_of(R"(shapes:
  a: {stages: []}
  b: {}
  c: {stages: [{for: 5, users: 1}], until: 9}
  d: {until: 9}
  none: {csv: x}
  e: {users: "5 + tt"}
  f: {arrival_rate: 5}
  g: {stage: []}
)"),
      ElementsAre(
          "f.yaml:2:15: 'stages' has no stages",
          "f.yaml:3:6: a shape is {stages: […]}, {users: formula, spawn_rate: 10, until: 1h} or "
          "{csv: file}",
          "f.yaml:4:6: a shape is {stages: […]}, {users: formula, spawn_rate: 10, until: 1h} or "
          "{csv: file}",
          "f.yaml:5:6: a shape is {stages: […]}, {users: formula, spawn_rate: 10, until: 1h} or "
          "{csv: file}",
          "f.yaml:6:3: 'none' means no shape; give this one another name",
          "f.yaml:7:19: unknown name 'tt' in the formula; did you mean 't'?",
          "f.yaml:8:7: 'arrival_rate' is not supported yet",
          "f.yaml:9:7: unknown key 'stage' in shape 'g'; did you mean 'stages'?"));
}

TEST(ScenarioShapes, SayWhatIsWrongWithTheirStages) {
  EXPECT_THAT(
      errors_of(R"(shape:
  stages:
    - {for: 60, until: 90, users: 1}
    - {users: 1}
    - {for: 0, users: 1}
    - {until: 30, users: 1}
    - {for: 10}
    - {for: 10, users: -1}
    - {for: 10, users: {Shpo: 1}}
    - {for: 10, users: 1, spawn_rate: 0}
    - {for: 10, users: 1, rate: 5}
    - {for: 10, users: {}}
)"),
      ElementsAre(
          "f.yaml:3:7: a stage has either 'for', its length, or 'until', the run time at its end",
          "f.yaml:4:7: a stage has either 'for', its length, or 'until', the run time at its end",
          "f.yaml:5:13: 'for' must be a time above 0, such as 30 or 2m",
          "f.yaml:6:7: this stage ends before it starts: 'until' counts from the start of the test",
          "f.yaml:7:7: a stage has 'users'",
          "f.yaml:8:24: 'users' must be a whole number, 0 or more",
          "f.yaml:9:7: there is no user class 'Shpo'; did you mean 'Shop'?",
          "f.yaml:10:39: 'spawn_rate' must be a number above 0",
          "f.yaml:11:27: unknown key 'rate' in a stage",
          "f.yaml:12:24: 'users' names no user class"));
}

TEST(ScenarioShapes, NamesAreUniqueOverAllFiles) {
  const std::string shapes = "shapes: {a: {csv: x}}\n";
  EXPECT_THAT(parse_scenario({{"a.yaml", shapes}, {"b.yaml", shapes}}).errors,
              ElementsAre("b.yaml:1:10: shape 'a' is defined twice, first in a.yaml:1:10"));
  const std::string shape = "shape: {csv: x}\n";
  EXPECT_THAT(parse_scenario({{"a.yaml", shape}, {"b.yaml", shape}}).errors,
              ElementsAre("b.yaml:1:1: the key 'shape' is defined twice, first in a.yaml:1:1"));
}

TEST(ScenarioThresholds, AreTextsRowsAndMappings) {
  const ParsedScenario parsed = parse(R"(thresholds:
  - fail_ratio < 1%
  - GET /api/orders: p99 < 800ms, rps > 20
  - {require: "POST /: p95 < 2s", abort: true, after: 30s}
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& thresholds = parsed.scenario.thresholds;
  ASSERT_EQ(thresholds.size(), 4U);
  EXPECT_EQ(thresholds[0].metric, ThresholdMetric::kFailRatio);
  EXPECT_EQ(thresholds[2].row(), "GET /api/orders");
  EXPECT_EQ(thresholds[2].metric, ThresholdMetric::kRps);
  EXPECT_EQ(thresholds[3].row(), "POST /");
  EXPECT_TRUE(thresholds[3].abort);
  EXPECT_EQ(thresholds[3].after, std::chrono::seconds(30));
  EXPECT_FALSE(thresholds[2].abort);
}

TEST(ScenarioThresholds, SayWhatIsWrongWithThem) {
  EXPECT_THAT(
      errors_of(R"(thresholds:
  - p95 < 500
  - GET /: avgg < 5s
  - login: p95 < 5s
  - {GET /: p95 < 5s, POST /: rps > 5}
  - {require: rps > 5, abort: maybe}
  - {require: rps > 5, afer: 5s}
  - {require: requests > 5, abort: true}
  - []
  - {}
  - rps > 5, GET /: p95 < 5s
)"),
      ElementsAre(
          "f.yaml:2:11: a time needs a unit: 500ms or 500s",
          "f.yaml:3:12: unknown metric 'avgg'; did you mean 'avg'?",
          "f.yaml:4:5: 'login' is not a row of the statistics: write its type and name, such as "
          "'GET /'",
          "f.yaml:5:5: a threshold has one row, or 'require'",
          "f.yaml:6:31: 'abort' must be true or false",
          "f.yaml:7:24: unknown key 'afer' in a threshold; did you mean 'after'?",
          "f.yaml:8:5: 'requests > 5' cannot abort a test: it holds at the end at the earliest",
          "f.yaml:9:5: a threshold must be a text, not a list",
          "f.yaml:10:5: a threshold has 'require'",
          "f.yaml:11:5: a threshold is about one row; make the conditions of 'GET /' another one"));
}

}  // namespace
}  // namespace locust
