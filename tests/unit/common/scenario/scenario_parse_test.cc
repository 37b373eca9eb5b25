#include "common/scenario/scenario_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedScenario parse(std::string text) { return parse_scenario({{"shop.yaml", std::move(text)}}); }
std::vector<std::string> errors_of(std::string text) { return parse(std::move(text)).errors; }

// A user class whose one task has these steps, at four columns.
std::string with_steps(const std::string& steps) {
  return "users:\n  Shop:\n    tasks:\n      browse:\n" + steps;
}

constexpr const char* kShop = R"(
host: http://127.0.0.1:8080
steps:
  login:
    - post: /login
      json: {email: "${email}", n: 5, ok: true, none: null, code: 0123, list: [1, "2"]}
      check: status == 200
      save: {token: json('/token')}
users:
  Shop:
    weight: 2.5
    wait_time: between(1, 3)
    headers: {X-Api-Key: "k${token or ''}", X-Off: null}
    on_start:
      - set: {email: "u${user_id}@example.com"}
      - run: login
    tasks:
      browse: [get: /api]
      order:
        weight: 3
        steps:
          - get: /orders/${token}
            name: an order
            params: {page: "${random_int(1, 9)}", tag: [a, b]}
            headers: {Accept: text/html}
            check:
              - status in [200, 404]
              - order is open: status == 404 or json('/status') == 'open'
          - wait: 500ms
          - headers: {X-Late: "1"}
          - request: {method: PURGE, url: /cache}
    on_stop:
      - post: /logout
        form: {a: 1}
  Admin:
    fixed_count: 1
    host: http://admin
    tasks:
      poke:
        - put: /x
          body: raw
)";

TEST(ScenarioParse, ReadsEveryPartOfAScenario) {
  const ParsedScenario parsed = parse(kShop);
  ASSERT_THAT(parsed.errors, IsEmpty());
  const Scenario& s = parsed.scenario;
  EXPECT_EQ(*s.host->constant(), "http://127.0.0.1:8080");
  ASSERT_EQ(s.users.size(), 2U);
  const UserClassSpec& shop = s.users[0];
  EXPECT_EQ(shop.name, "Shop");
  EXPECT_EQ(shop.weight, 2.5);
  EXPECT_EQ(shop.wait_time->source, "between(1, 3)");
  ASSERT_EQ(shop.headers.size(), 2U);
  EXPECT_EQ(shop.headers[0].value->parts.size(), 2U);
  EXPECT_FALSE(shop.headers[1].value);
  EXPECT_EQ(shop.on_start.size(), 2U);
  ASSERT_EQ(shop.tasks.size(), 2U);
  EXPECT_EQ(shop.tasks[0].name, "browse");
  EXPECT_EQ(shop.tasks[1].weight, 3);
  EXPECT_EQ(s.users[1].fixed_count, 1);
  EXPECT_EQ(*s.users[1].host->constant(), "http://admin");

  const auto& get = std::get<RequestStep>(shop.tasks[1].steps[0].action);
  EXPECT_EQ(get.method, "GET");
  EXPECT_EQ(get.url.parts[1].source, "token");
  EXPECT_EQ(*get.name->constant(), "an order");
  EXPECT_EQ(get.params.size(), 2U);
  ASSERT_EQ(get.checks.size(), 2U);
  EXPECT_EQ(get.checks[0].condition.source, "status in [200, 404]");
  EXPECT_EQ(get.checks[1].name, "order is open");
  EXPECT_EQ(std::get<RequestStep>(shop.tasks[1].steps[3].action).method, "PURGE");
  EXPECT_THAT(s.variables, ElementsAre("email", "token"));
}

TEST(ScenarioParse, TypesUnquotedScalarsAsJsonWritesThem) {
  const ParsedScenario parsed = parse(kShop);
  const auto& post = std::get<RequestStep>(parsed.scenario.steps.at("login").steps[0].action);
  const auto& map = std::get<ValueTemplate::Map>(std::get<JsonBody>(post.body).value.node);
  EXPECT_TRUE(std::holds_alternative<TextTemplate>(map[0].value.node));
  const auto json = [&](std::size_t i) { return std::get<ExprValue>(map[i].value.node).to_json(); };
  EXPECT_EQ(json(1), "5");
  EXPECT_EQ(json(2), "true");
  EXPECT_EQ(json(3), "null");
  EXPECT_EQ(json(4), "\"0123\"");
}

TEST(ScenarioParse, KeepsYamlsOtherNullsAndBooleansAsTexts) {
  const ParsedScenario parsed =
      parse(with_steps("        - set: {a: ~, b: yes, c: Null, d: , e: 2026-01-01}"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& set = std::get<SetStep>(parsed.scenario.users[0].tasks[0].steps[0].action);
  const auto json = [&](std::size_t i) {
    return std::get<ExprValue>(set.assignments[i].value.node).to_json();
  };
  EXPECT_EQ(json(0), "\"~\"");
  EXPECT_EQ(json(1), "\"yes\"");
  EXPECT_EQ(json(2), "\"Null\"");
  EXPECT_EQ(json(3), "null");
  EXPECT_EQ(json(4), "\"2026-01-01\"");
}

TEST(ScenarioParse, UnderstandsTheEscapeOfABrace) {
  const ParsedScenario parsed = parse(with_steps("        - get: /$${a}/$b/$"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& get = std::get<RequestStep>(parsed.scenario.users[0].tasks[0].steps[0].action);
  EXPECT_EQ(*get.url.constant(), "/${a}/$b/$");
}

TEST(ScenarioParse, ReportsAllErrorsAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(
      errors_of(R"(hosts: x
users:
  ShopUser:
    wieght: 2
    weight: -1
    fixed_count: 1.5
    tags: [a]
    tasks:
      a: [get: /x, wait: {a: 1}]
      b: {weigth: 1}
      c:
        - got: /x
        - get: /x
          check: time < 500
          save: {status: json('/a'), 1a: 2}
        - get: /x
          post: /y
        - {}
        - run: nothing
        - get: /${tokn}
        - set: {token: 1}
  Empty: {}
)"),
      ElementsAre(
          "shop.yaml:1:1: unknown key 'hosts' in the scenario; did you mean 'host'?",
          "shop.yaml:4:5: unknown key 'wieght' in user class 'ShopUser'; did you mean "
          "'weight'?",
          "shop.yaml:5:13: 'weight' must be a number above 0",
          "shop.yaml:6:18: 'fixed_count' must be a whole number, 0 or more",
          "shop.yaml:7:5: unknown key 'tags' in user class 'ShopUser'; did you mean 'tasks'?",
          "shop.yaml:9:26: 'wait' must be a text, not a mapping",
          "shop.yaml:10:7: task 'b' has no steps: it is a list of steps, or a mapping "
          "with 'steps', or with 'tasks' for a task set",
          "shop.yaml:10:11: unknown key 'weigth' in task 'b'; did you mean 'weight'?",
          "shop.yaml:12:11: unknown step 'got'; did you mean 'get'?",
          "shop.yaml:14:23: a time compares only with a time: write the unit, as in "
          "'time < 500ms'",
          "shop.yaml:15:18: 'status' is reserved; give the variable "
          "another name",
          "shop.yaml:15:38: '1a' cannot be a variable: letters, digits and '_' only",
          "shop.yaml:17:11: a step is one request; start another with '- post:'",
          "shop.yaml:18:11: this step does nothing",
          "shop.yaml:19:11: 'run: nothing': there are no steps of this name",
          "shop.yaml:20:19: unknown name 'tokn': nothing sets it; did you mean "
          "'token'?",
          "shop.yaml:22:3: user class 'Empty' has no tasks"));
}

TEST(ScenarioParse, ReadsWhatBelongsToTheTestAsAWhole) {
  const ParsedScenario parsed =
      parse(with_steps("        - wait: all_spawned\n        - stop_test: true\n") +
            "test_start: [run: s]\ntest_stop: [get: /x, get: /y]\nsteps: {s: [get: /s]}\n");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const StepList& steps = parsed.scenario.users[0].tasks[0].steps;
  EXPECT_FALSE(std::get<WaitStep>(steps[0].action).seconds);
  EXPECT_TRUE(std::holds_alternative<StopTestStep>(steps[1].action));
  EXPECT_EQ(parsed.scenario.test_start.size(), 1U);
  EXPECT_EQ(parsed.scenario.test_stop.size(), 2U);
}

TEST(ScenarioParse, ReportsWhatIsWrongWithTheStepsOfTheTest) {
  EXPECT_THAT(errors_of(with_steps("        - stop_test: 5\n") +
                        "test_start: [run: browse]\ntest_stop: {get: /x}\n"),
              ElementsAre("shop.yaml:5:22: 'stop_test' can only be true",
                          "shop.yaml:6:14: 'run: browse': there are no steps of this name",
                          "shop.yaml:7:12: 'test_stop' must be a list of steps: start each with "
                          "'- '"));
  EXPECT_THAT(
      parse_scenario({{"a.yaml", "test_start: [get: /]"}, {"b.yaml", "test_start: [get: /]"}})
          .errors,
      ElementsAre("b.yaml:1:1: the key 'test_start' is defined twice, first in a.yaml:1:1"));
}

TEST(ScenarioParse, CountsColumnsInCharacters) {
  EXPECT_THAT(errors_of(with_steps("        - get: /äöü/${nix}")),
              ElementsAre("shop.yaml:5:23: unknown name 'nix': nothing sets it"));
}

TEST(ScenarioParse, HintsAtNamesOfFunctionsAndTheResponse) {
  EXPECT_THAT(
      errors_of(with_steps("        - set: {a: \"${stats}\", b: \"${json}\"}")),
      ElementsAre("shop.yaml:5:23: unknown name 'stats': nothing sets it; did you mean 'status'?",
                  "shop.yaml:5:38: 'json' is a function: write json(…)"));
}

TEST(ScenarioParse, FindsCirclesOfRun) {
  EXPECT_THAT(errors_of(R"(steps:
  a: [run: b]
  b: [run: c]
  c: [run: a]
users:
  U:
    tasks:
      t: [run: t2]
      t2: [run: t]
)"),
              ElementsAre("shop.yaml:4:7: 'run: a' leads back to itself",
                          "shop.yaml:9:12: 'run: t' leads back to itself"));
}

TEST(ScenarioParse, BoundsTheDepthOfRun) {
  std::string text = "steps:\n";
  for (int i = 0; i < 50'000; ++i) {
    text += "  s" + std::to_string(i) + ": [run: s" + std::to_string(i + 1) + "]\n";
  }
  text += "  s50000: []\n";
  EXPECT_THAT(errors_of(text),
              ElementsAre(HasSubstr(
                  "'run', task sets and steps within steps lead more than 32 levels deep")));
}

TEST(ScenarioParse, LetsTasksAndNamedStepsBeRun) {
  EXPECT_THAT(errors_of(R"(steps:
  a: [get: /]
users:
  U:
    tasks:
      t: [run: a, run: u]
      u: [get: /]
)"),
              IsEmpty());
}

TEST(ScenarioParse, MergesAnchorsAndIgnoresKeysThatBeginWithX) {
  const ParsedScenario parsed = parse(R"(
x-base: &base
  weight: 7
  wait_time: constant(1)
  tasks: &tasks
    t: [get: /]
users:
  A:
    <<: *base
    weight: 2
  B:
    <<: [*base]
  C: {tasks: *tasks}
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  EXPECT_EQ(parsed.scenario.users[0].weight, 2);
  EXPECT_EQ(parsed.scenario.users[0].tasks.size(), 1U);
  EXPECT_EQ(parsed.scenario.users[1].weight, 7);
  EXPECT_EQ(parsed.scenario.users[2].tasks.size(), 1U);
}

TEST(ScenarioParse, ReportsAnErrorInAnAliasedNodeOnce) {
  EXPECT_THAT(errors_of("x-t: &t\n  t: [gt: /]\nusers:\n  A: {tasks: *t}\n  B: {tasks: *t}\n"),
              ElementsAre("shop.yaml:2:7: unknown step 'gt'; did you mean 'get'?"));
}

TEST(ScenarioParse, ReadsSeveralFilesAsOneAndRefusesNamesDefinedTwice) {
  const ParsedScenario good = parse_scenario(
      {{"a.yaml", "steps:\n  s: [get: /]\n"}, {"b.yaml", "users:\n  U: {tasks: {t: [run: s]}}\n"}});
  EXPECT_THAT(good.errors, IsEmpty());
  const ParsedScenario bad = parse_scenario(
      {{"a.yaml", "host: http://x\nsteps:\n  s: []\nusers:\n  U: {tasks: {t: []}}\n"},
       {"b.yaml", "host: http://y\nsteps:\n  s: []\nusers:\n  U: {tasks: {t: []}}\n"}});
  EXPECT_THAT(bad.errors,
              ElementsAre("b.yaml:1:1: the key 'host' is defined twice, first in a.yaml:1:1",
                          "b.yaml:3:3: steps 's' is defined twice, first in a.yaml:3:3",
                          "b.yaml:5:3: user class 'U' is defined twice, first in a.yaml:5:3"));
}

class ScenarioFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
};

TEST_F(ScenarioFiles, AreReadFromAListOrAFolder) {
  const std::string a = write("a.yaml", "\xEF\xBB\xBFusers:\r\n  A: {tasks: {t: []}}\r\n");
  const std::string b = write("b.yml", "users:\n  B: {tasks: {t: []}}\n");
  write("c.txt", "not a scenario");
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{a + "," + b}, {a, b}, {folder_.string()}}) {
    const ParsedScenario parsed = parse_scenario_files(paths);
    ASSERT_THAT(parsed.errors, IsEmpty());
    ASSERT_EQ(parsed.scenario.users.size(), 2U);
    EXPECT_EQ(parsed.scenario.users[1].name, "B");
  }
}

TEST_F(ScenarioFiles, ThatCannotBeReadAreNamed) {
  const std::string missing = (folder_ / "no.yaml").string();
  EXPECT_THAT(parse_scenario_files({missing}).errors,
              ElementsAre(missing + ": cannot be read: No such file or directory"));
  EXPECT_THAT(parse_scenario_files({folder_.string()}).errors,
              ElementsAre(folder_.string() + ": there is no .yaml file in this folder"));
}

}  // namespace
}  // namespace locust
