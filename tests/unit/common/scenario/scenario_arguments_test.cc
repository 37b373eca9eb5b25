// `arguments` of a scenario: what may stand there, and the options they become.
#include "common/scenario/scenario_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/options/option_table.h"
#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedScenario parse(const std::string& top, const std::string& url = "/") {
  return parse_scenario(
      {{"shop.yaml", "users:\n  Shop:\n    tasks: {t: [get: \"" + url + "\"]}\n" + top}});
}

TEST(ScenarioArguments, AreReadWithDefaultHelpAndSecret) {
  const ParsedScenario parsed = parse(R"(arguments:
  tenant: {default: acme, help: tenant to test}
  api_key: {default: "${env.API_KEY or 'dev'}", secret: true}
  pages: {default: 5}
  plain:
)",
                                      "/${arg.tenant}/${arg.pages}");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& arguments = parsed.scenario.arguments;
  ASSERT_EQ(arguments.size(), 4U);
  EXPECT_EQ(arguments[0].name, "tenant");
  EXPECT_EQ(arguments[0].help, "tenant to test");
  EXPECT_EQ(*std::get<ExprValue>(arguments[0].default_value->node).as_text(), "acme");
  EXPECT_FALSE(arguments[0].secret);
  EXPECT_TRUE(arguments[1].secret);
  EXPECT_TRUE(std::holds_alternative<TextTemplate>(arguments[1].default_value->node));
  EXPECT_EQ(std::get<ExprValue>(arguments[2].default_value->node).to_json(), "5");
  EXPECT_FALSE(arguments[3].default_value);
}

TEST(ScenarioArguments, WrongOnesAreReportedWithPlaceAndRemedy) {
  EXPECT_THAT(
      parse(R"(arguments:
  Tenant: {}
  users: {default: 1}
  a: {defualt: 1}
  b: {default: [1], help: [x], secret: maybe}
  c: acme
)",
            "/${arg.tenannt}/${arg.a}")
          .errors,
      ElementsAre("shop.yaml:3:26: unknown argument 'arg.tenannt': 'arguments' does not define it",
                  "shop.yaml:5:3: 'Tenant' cannot be an argument: small letters, digits and '_' "
                  "only",
                  "shop.yaml:6:3: 'users' is an option of Locust's own; give the argument another "
                  "name",
                  "shop.yaml:7:7: unknown key 'defualt' in argument 'a'; did you mean 'default'?",
                  "shop.yaml:8:16: 'default' must be a text, a number, true or false",
                  "shop.yaml:8:27: 'help' must be a text, not a list",
                  "shop.yaml:8:40: 'secret' must be true or false",
                  "shop.yaml:9:6: argument 'c' must be a mapping such as {default: acme}"));
}

TEST(ScenarioArguments, MayHaveChoicesToWhichTheDefaultBelongs) {
  const ParsedScenario parsed = parse(R"(arguments:
  size: {default: m, choices: [s, m, l]}
  pages: {default: 5, choices: [5, 10]}
  env: {default: "${env.SIZE}", choices: [s]}
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  const auto& arguments = parsed.scenario.arguments;
  EXPECT_THAT(arguments[0].choices, ElementsAre("s", "m", "l"));
  EXPECT_EQ(not_a_choice(arguments[0], "l"), std::nullopt);
  EXPECT_EQ(not_a_choice(arguments[0], "xl"), "size: 'xl' is none of: s, m, l");
  EXPECT_EQ(not_a_choice(arguments[1], "10"), std::nullopt);
  EXPECT_THAT(parse(R"(arguments:
  a: {choices: s}
  b: {choices: []}
  c: {choices: [s, [m]]}
  d: {default: x, choices: [s, m]}
  e: {secret: true, choices: [s]}
)")
                  .errors,
              ElementsAre("shop.yaml:5:16: 'choices' must be a list, not a text",
                          "shop.yaml:6:16: 'choices' must not be empty",
                          "shop.yaml:7:20: a choice must be a text, not a list",
                          "shop.yaml:8:6: the default of d: 'x' is none of: s, m",
                          "shop.yaml:9:6: 'choices' would show what a 'secret' argument may be"));
}

TEST(ScenarioArguments, NamesAreCheckedWithTheNearestKnownOne) {
  EXPECT_THAT(parse("arguments:\n  tenant: {}\n", "/${arg.tennant}").errors,
              ElementsAre("shop.yaml:3:26: unknown argument 'arg.tennant': 'arguments' does not "
                          "define it; did you mean 'tenant'?"));
  EXPECT_THAT(parse("", "/${arg}").errors,
              ElementsAre(HasSubstr("write arg.NAME for the argument NAME")));
}

class ArgumentOptions : public ::testing::Test {
 protected:
  ParseOutcome parse_line(std::vector<const char*> line) {
    line.insert(line.begin(), "locust-worker");
    OptionTable table(Program::kWorker, "A test");
    add_argument_options(table, parsed_.scenario.arguments, values_);
    return table.parse(static_cast<int>(line.size()), line.data(),
                       [this](const char* name) { return lookup(name); });
  }
  const char* lookup(const char* name) const {
    const auto found = environment_.find(name);
    return found == environment_.end() ? nullptr : found->second.c_str();
  }

  ParsedScenario parsed_ = parse(R"(arguments:
  tenant: {help: tenant to test}
  api_key: {secret: true}
  size: {choices: [s, m]}
)");
  ArgumentValues values_;
  std::map<std::string, std::string> environment_;
};

TEST_F(ArgumentOptions, AreGivenByOptionOrEnvironmentTheOptionWins) {
  environment_ = {{"LOCUST_TENANT", "e"}, {"LOCUST_API_KEY", "k"}};
  ASSERT_TRUE(parse_line({"--tenant", "x"}).proceed);
  EXPECT_EQ(values_["tenant"], "x");
  EXPECT_EQ(values_["api_key"], "k");
}

TEST_F(ArgumentOptions, DashesAndUnderscoresBothWork) {
  ASSERT_TRUE(parse_line({"--api-key=1"}).proceed);
  EXPECT_EQ(values_["api_key"], "1");
  ASSERT_TRUE(parse_line({"--api_key=2"}).proceed);
  EXPECT_EQ(values_["api_key"], "2");
  EXPECT_FALSE(values_["tenant"]);
}

TEST_F(ArgumentOptions, OthersThanTheChoicesAreUsageErrors) {
  EXPECT_TRUE(parse_line({"--size", "m"}).proceed);
  const ParseOutcome outcome = parse_line({"--size", "x"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("--size: x not in {s,m}"));
}

TEST_F(ArgumentOptions, AreInTheHelpAndOthersAreUsageErrors) {
  EXPECT_THAT(parse_line({"--help"}).text, HasSubstr("tenant to test"));
  EXPECT_EQ(parse_line({"--tennant", "x"}).exit_code, 2);
}

}  // namespace
}  // namespace locust
