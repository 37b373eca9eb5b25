// What is told about a scenario instead of running it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "common/scenario/scenario_parse.h"
#include "worker/scenario/summary.h"

namespace locust::worker {
namespace {

using ::testing::IsEmpty;

Scenario parse(const std::string& text) {
  ParsedScenario parsed = parse_scenario({{"f.yaml", text}});
  EXPECT_THAT(parsed.errors, IsEmpty());
  return std::move(parsed.scenario);
}

// Every line of the table is filled up with spaces, as stock's is.
std::string filled(const std::string& ratio, const std::string& name) {
  return " " + ratio + std::string(11 - std::min<std::size_t>(ratio.size(), 10), ' ') + name +
         std::string(50 - name.size(), ' ') + "\n";
}

constexpr const char* kShop =
    "users:\n  Shop: {weight: 3, tasks: {a: {weight: 3, steps: []}, b: []}}\n"
    "  Admin: {tasks: {c: []}}\n";

TEST(ScenarioSummary, ListsUserClassesAsStock) {
  EXPECT_EQ(describe_user_classes(parse(kShop)), "Available Users:\n    Shop\n    Admin\n");
}

TEST(ScenarioSummary, ShowsTaskRatiosAsStock) {
  const std::string line(80, '-');
  EXPECT_EQ(describe_task_ratio(parse(kShop), 0),
            "\n Task ratio per User class\n" + line + "\n" + filled("75.0  ", "Shop") +
                filled("  75.0  ", "  a") + filled("  25.0  ", "  b") + filled("25.0  ", "Admin") +
                filled("  100.0 ", "  c") + "\n Total task ratio\n" + line + "\n" +
                filled("75.0  ", "Shop") + filled("  56.2  ", "  a") + filled("  18.8  ", "  b") +
                filled("25.0  ", "Admin") + filled("  25.0  ", "  c"));
}

// What stock 2.46.3 prints of the locustfile with these tasks.
constexpr const char* kSets = R"(
users:
  Shop:
    tasks:
      Checkout:
        weight: 3
        sequence: true
        tasks: {cart: {weight: 3, steps: []}, pay: []}
      Browse:
        tasks:
          look: {weight: 2, steps: []}
          Deep: {tasks: {a: [], b: {weight: 4, steps: []}}}
      home: []
)";

TEST(ScenarioSummary, ShowsTaskRatiosOfNestedSetsAsStock) {
  const std::string line(80, '-');
  EXPECT_EQ(describe_task_ratio(parse(kSets), 0),
            "\n Task ratio per User class\n" + line + "\n" + filled("100.0 ", "Shop") +
                filled("  60.0  ", "  Checkout") + filled("    75.0  ", "    cart") +
                filled("    25.0  ", "    pay") + filled("  20.0  ", "  Browse") +
                filled("    66.7  ", "    look") + filled("    33.3  ", "    Deep") +
                filled("      20.0  ", "      a") + filled("      80.0  ", "      b") +
                filled("  20.0  ", "  home") + "\n Total task ratio\n" + line + "\n" +
                filled("100.0 ", "Shop") + filled("  60.0  ", "  Checkout") +
                filled("    45.0  ", "    cart") + filled("    15.0  ", "    pay") +
                filled("  20.0  ", "  Browse") + filled("    13.3  ", "    look") +
                filled("    6.7   ", "    Deep") + filled("      1.3   ", "      a") +
                filled("      5.3   ", "      b") + filled("  20.0  ", "  home"));
}

TEST(ScenarioSummary, WritesTaskRatiosOfNestedSetsAsStock) {
  EXPECT_EQ(
      nlohmann::ordered_json::parse(describe_task_ratio_json(parse(kSets), 0)).dump(),
      R"({"per_class":{"Shop":{"ratio":1.0,"tasks":{)"
      R"("Checkout":{"ratio":0.6,"tasks":{"cart":{"ratio":0.75},"pay":{"ratio":0.25}}},)"
      R"("Browse":{"ratio":0.2,"tasks":{"look":{"ratio":0.6666666666666666},)"
      R"("Deep":{"ratio":0.3333333333333333,"tasks":{"a":{"ratio":0.2},"b":{"ratio":0.8}}}}},)"
      R"("home":{"ratio":0.2}}}},)"
      R"("total":{"Shop":{"ratio":1.0,"tasks":{)"
      R"("Checkout":{"ratio":0.6,"tasks":{"cart":{"ratio":0.44999999999999996},)"
      R"("pay":{"ratio":0.15}}},"Browse":{"ratio":0.2,"tasks":{)"
      R"("look":{"ratio":0.13333333333333333},"Deep":{"ratio":0.06666666666666667,"tasks":{)"
      R"("a":{"ratio":0.013333333333333332},"b":{"ratio":0.05333333333333333}}}}},)"
      R"("home":{"ratio":0.2}}}}})");
}

TEST(ScenarioSummary, CountsUsersOfFixedClasses) {
  const Scenario scenario =
      parse("users:\n  A: {fixed_count: 2, tasks: {a: []}}\n  B: {tasks: {b: []}}\n");
  EXPECT_EQ(describe_task_ratio_json(scenario, 8), R"({
    "per_class": {
        "A": {
            "ratio": 0.25,
            "tasks": {
                "a": {
                    "ratio": 1.0
                }
            }
        },
        "B": {
            "ratio": 0.75,
            "tasks": {
                "b": {
                    "ratio": 1.0
                }
            }
        }
    },
    "total": {
        "A": {
            "ratio": 0.25,
            "tasks": {
                "a": {
                    "ratio": 0.25
                }
            }
        },
        "B": {
            "ratio": 0.75,
            "tasks": {
                "b": {
                    "ratio": 0.75
                }
            }
        }
    }
}
)");
  // Without a number of users only the fixed ones are there.
  EXPECT_NE(describe_task_ratio(scenario, 0).find(filled("100.0 ", "A")), std::string::npos);
  EXPECT_NE(describe_task_ratio(scenario, 0).find(filled("0.0   ", "B")), std::string::npos);
}

TEST(ScenarioSummary, CountsTheTasksOfNestedSets) {
  CompiledScenario compiled =
      compile_scenario(parse(kSets), [](const std::string&) { return std::nullopt; });
  ASSERT_THAT(compiled.errors, IsEmpty());
  EXPECT_EQ(describe_program(*compiled.program),
            "f.yaml is valid\n  Shop: weight 1, 6 tasks, 3 task sets\n");
}

TEST(ScenarioSummary, TellsWhatIsInAValidScenario) {
  CompiledScenario compiled = compile_scenario(
      parse(
          "feeders:\n  cities: {rows: [{name: Oslo, zip: 1}, {name: Bergen}]}\n  made: {keep: 5}\n"
          "users:\n  A: {fixed_count: 2, tasks: {a: [], b: []}}\n"
          "  B: {weight: 2.5, tasks: {b: [{add: {made: {id: 1}}}]}}\n"),
      [](const std::string&) { return std::nullopt; });
  ASSERT_THAT(compiled.errors, IsEmpty());
  EXPECT_EQ(describe_program(*compiled.program),
            "f.yaml is valid\n  A: 2 users, 2 tasks\n  B: weight 2.5, 1 task\n"
            "  feeder cities: 2 rows of name, zip\n  feeder made: 0 rows of id\n");
}

}  // namespace
}  // namespace locust::worker
