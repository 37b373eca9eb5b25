#include "common/options/option_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/nearest_name.h"

namespace locust {
namespace {

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    table_.add("--users", users_);
    table_.add_flag("--headless", headless_);
    table_.add("--run-time", run_time_).time_span();
    table_.add_list("--config-users", config_users_);
    add_tag_options(table_, tags_);
    table_.add_positional("user_classes", user_classes_, "classes");
    add_common_options(table_, common_);
  }

  ParseOutcome parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "locust-master");
    return table_.parse(static_cast<int>(arguments.size()), arguments.data(),
                        [this](const char* name) {
                          const auto it = environment_.find(name);
                          return it == environment_.end() ? nullptr : it->second.c_str();
                        });
  }

  std::map<std::string, std::string> environment_;
  std::optional<int> users_;
  bool headless_ = false;
  std::optional<std::int64_t> run_time_;
  std::vector<std::string> config_users_;
  std::vector<std::string> user_classes_;
  CommonOptions common_;
  TagOptions tags_;
  OptionTable table_{Program::kMaster, "A test"};
};

TEST_F(OptionsTest, DefaultsStayWithoutArguments) {
  EXPECT_TRUE(parse({}).proceed);
  EXPECT_FALSE(users_);
  EXPECT_FALSE(headless_);
  EXPECT_EQ(common_.loglevel, "INFO");
}

TEST_F(OptionsTest, DefaultsOfTheLocustfileApplyToWhatIsGivenNowhere) {
  table_.accept_from_locustfile(
      {.arguments = {},
       .defaults = {{.key = "run-time", .values = {"2m"}, .place = "the default"},
                    {.key = "users", .values = {"5"}, .place = "the default"},
                    {.key = "tags", .values = {"a", "b"}, .is_list = true, .place = "the default"},
                    {.key = "headless", .values = {"true"}, .place = "the default"}}});
  environment_["LOCUST_USERS"] = "7";
  const ParseOutcome outcome = parse({"-T", "mine"});
  ASSERT_TRUE(outcome.proceed) << outcome.text;
  EXPECT_EQ(run_time_, 120);
  EXPECT_EQ(users_, 7);
  EXPECT_EQ(tags_.tags, std::vector<std::string>{"mine"});
  EXPECT_TRUE(headless_);
  EXPECT_TRUE(outcome.notes.empty());
}

TEST_F(OptionsTest, AnInvalidDefaultOfTheLocustfileNamesIt) {
  table_.accept_from_locustfile(
      {.arguments = {}, .defaults = {{.key = "users", .values = {"x"}, .place = "the default"}}});
  const ParseOutcome outcome = parse({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.text, testing::HasSubstr("error: the default: "));
}

TEST_F(OptionsTest, ADefaultOfTheLocustfileThatComesTooLateIsSaid) {
  table_.accept_from_locustfile(
      {.arguments = {},
       .defaults = {{.key = "processes", .values = {"2"}, .place = "the default"}}});
  const ParseOutcome outcome = parse({});
  ASSERT_TRUE(outcome.proceed);
  EXPECT_THAT(
      outcome.notes,
      testing::ElementsAre(testing::HasSubstr("the default has no effect: give --processes")));
}

TEST_F(OptionsTest, WhatTheOperatorGaveIsKnownByStocksNames) {
  table_.accept_from_locustfile(
      {.arguments = {},
       .defaults = {{.key = "run-time", .values = {"2m"}, .place = "the default"}}});
  environment_["LOCUST_CSV"] = "c";
  ASSERT_TRUE(parse({"-u", "3", "--list", "-T", "a", "b", "--percentiles", "50"}).proceed);
  std::map<std::string, std::vector<std::string>> given;
  for (const GivenOption& option : table_.given()) given[option.attribute] = option.values;
  EXPECT_THAT(given, testing::UnorderedElementsAre(
                         testing::Pair("num_users", testing::ElementsAre("3")),
                         testing::Pair("list_commands", testing::ElementsAre("true")),
                         testing::Pair("tags", testing::ElementsAre("a", "b")),
                         testing::Pair("csv_prefix", testing::ElementsAre("c"))));
}

TEST_F(OptionsTest, TheEnvironmentIsReadAndAnArgumentWinsOverIt) {
  environment_ = {{"LOCUST_USERS", "5"}, {"LOCUST_HEADLESS", "true"}, {"LOCUST_HOST", "http://a"}};
  EXPECT_TRUE(parse({"-u", "7"}).proceed);
  EXPECT_EQ(users_, 7);
  EXPECT_TRUE(headless_);
  EXPECT_EQ(common_.host, "http://a");
}

TEST_F(OptionsTest, AFlagOfTheEnvironmentCanBeFalse) {
  environment_ = {{"LOCUST_HEADLESS", "0"}};
  EXPECT_TRUE(parse({}).proceed);
  EXPECT_FALSE(headless_);
}

TEST_F(OptionsTest, ABadValueOfTheEnvironmentIsNamed) {
  environment_ = {{"LOCUST_USERS", "many"}};
  const ParseOutcome outcome = parse({});
  EXPECT_FALSE(outcome.proceed);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.text.find("LOCUST_USERS"), std::string::npos) << outcome.text;
}

TEST_F(OptionsTest, TheLastOfARepeatedOptionCounts) {
  EXPECT_TRUE(parse({"-u", "1", "--users=2"}).proceed);
  EXPECT_EQ(users_, 2);
}

TEST_F(OptionsTest, TimeSpansBecomeSecondsAndBadOnesAreUsageErrors) {
  EXPECT_TRUE(parse({"-t", "1h30m"}).proceed);
  EXPECT_EQ(run_time_, 5400);
  EXPECT_EQ(parse({"-t", "soon"}).exit_code, 2);
}

TEST_F(OptionsTest, ListsAndPositionalsTakeSeveralValues) {
  EXPECT_TRUE(parse({"Shop", "Admin", "-u", "3"}).proceed);
  EXPECT_EQ(user_classes_, (std::vector<std::string>{"Shop", "Admin"}));
  EXPECT_TRUE(parse({"--config-users", "a", "b"}).proceed);
  EXPECT_EQ(config_users_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(OptionsTest, UnknownOptionsExitWithTwoAndHelpWithZero) {
  EXPECT_EQ(parse({"--nope"}).exit_code, 2);
  const ParseOutcome help = parse({"--help"});
  EXPECT_FALSE(help.proceed);
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.text.find("LOCUST_USERS"), std::string::npos);
  EXPECT_EQ(parse({"-V"}).exit_code, 0);
}

TEST_F(OptionsTest, LogLevelsAreTakenInAnyCase) {
  EXPECT_TRUE(parse({"-L", "debug"}).proceed);
  EXPECT_EQ(common_.loglevel, "DEBUG");
  EXPECT_EQ(parse({"-L", "LOUD"}).exit_code, 2);
}

TEST_F(OptionsTest, TheErrorOfAnUnknownLevelOfEvidenceListsTheLevels) {
  EXPECT_THAT(parse({"--evidence", "half"}).text,
              testing::HasSubstr("half not in {full,head,none}"));
}

TEST_F(OptionsTest, PatternsAndSecretsMayBeRepeatedAndAreTakenAsTheyAre) {
  ASSERT_TRUE(parse({"--mask", "[a,b]", "--mask=x y", "--secret-env", "A", "--secret-env=B,C",
                     "--evidence", "head", "Shop"})
                  .proceed);
  EXPECT_EQ(common_.mask.patterns, (std::vector<std::string>{"[a,b]", "x y"}));
  EXPECT_EQ(common_.mask.secret_env, (std::vector<std::string>{"A", "B,C"}));
  EXPECT_EQ(common_.mask.evidence, EvidenceLevel::kHead);
  EXPECT_EQ(user_classes_, std::vector<std::string>{"Shop"});
  EXPECT_EQ(parse({"--evidence", "half"}).exit_code, 2);
}

TEST_F(OptionsTest, ThePatternOfTheEnvironmentIsOne) {
  environment_ = {{"LOCUST_MASK", "[a-c]{2}, [0-9]"}, {"LOCUST_EVIDENCE", "none"}};
  ASSERT_TRUE(parse({}).proceed);
  EXPECT_EQ(common_.mask.patterns, std::vector<std::string>{"[a-c]{2}, [0-9]"});
  EXPECT_EQ(common_.mask.evidence, EvidenceLevel::kNone);
}

TEST(MaskOptions, FillTheProcesssMasker) {
  ::setenv("LOCUST_TEST_SECRET", "plugh-of-options", 1);
  const auto notes = apply_mask_options(
      {.patterns = {"card [0-9]+"}, .secret_env = {"LOCUST_TEST_SECRET,LOCUST_TEST_UNSET"}});
  ASSERT_TRUE(notes) << notes.error();
  EXPECT_EQ(*notes, std::vector<std::string>{"--secret-env: the variable LOCUST_TEST_UNSET is not "
                                             "set, so there is nothing to mask"});
  EXPECT_EQ(masked("card 12 of plugh-of-options"), "*** of ***");
  const auto broken = apply_mask_options({.patterns = {"a(b"}, .secret_env = {}});
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().starts_with("--mask: 'a(b' is not a regular expression: "));
}

TEST_F(OptionsTest, AJsonArrayStaysOneValueOfAList) {
  const std::string array = R"([{"a": 1, "b": [2]}, {"c": 3}])";
  ASSERT_TRUE(parse({"--config-users", array.c_str(), "{}"}).proceed);
  EXPECT_EQ(config_users_, (std::vector<std::string>{" " + array, "{}"}));
}

TEST_F(OptionsTest, AJsonArrayAfterAnEqualsSignStaysOneValueToo) {
  ASSERT_TRUE(parse({R"(--config-users=[{"a": 1}, {"c": 3}])"}).proceed);
  EXPECT_EQ(config_users_, std::vector<std::string>{R"( [{"a": 1}, {"c": 3}])"});
}

TEST_F(OptionsTest, AListOfTheEnvironmentIsTakenApartUnlessItIsJson) {
  environment_ = {{"LOCUST_CONFIG_USERS", R"([{"a": 1}, {"b": 2}])"}, {"LOCUST_TAGS", "[a, b]"}};
  ASSERT_TRUE(parse({"Shop"}).proceed);
  EXPECT_EQ(config_users_, std::vector<std::string>{R"( [{"a": 1}, {"b": 2}])"});
  EXPECT_EQ(tags_.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(user_classes_, std::vector<std::string>{"Shop"});
}

TEST_F(OptionsTest, AListOfTheArgumentsReplacesThatOfTheEnvironment) {
  environment_ = {{"LOCUST_CONFIG_USERS", R"([{"a": 1}, {"b": 2}])"}, {"LOCUST_TAGS", "a"}};
  ASSERT_TRUE(parse({"--config-users", "x", "--tags"}).proceed);
  drop_empty_tags(tags_);
  EXPECT_EQ(config_users_, std::vector<std::string>{"x"});
  EXPECT_TRUE(tags_.tags.empty());
}

TEST_F(OptionsTest, LongOptionsMayBeAbbreviatedAsLongAsOneIsMeant) {
  EXPECT_TRUE(parse({"--user=3", "--run", "5s"}).proceed);
  EXPECT_EQ(users_, 3);
  EXPECT_EQ(run_time_, 5);
}

TEST_F(OptionsTest, AnAbbreviationOfTwoOptionsIsAmbiguous) {
  const ParseOutcome outcome = parse({"--head"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.text.find("ambiguous option: --head could match --headless, --headful"),
            std::string::npos)
      << outcome.text;
}

TEST_F(OptionsTest, AnAbbreviationOfStockMeansStocksOptionWhateverElseThereIs) {
  ASSERT_NE(find_option_spec("--print-schema"), nullptr);
  const ParseOutcome outcome = parse({"--print"});
  EXPECT_TRUE(outcome.proceed) << outcome.text;  // --print-stats
  EXPECT_THAT(parse({"--print-o=x"}).text, testing::Not(testing::HasSubstr("ambiguous")));
}

TEST_F(OptionsTest, AMisspeltOptionIsToldItsNearestOne) {
  const ParseOutcome outcome = parse({"--spwan-rate=3"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(
      outcome.text.find("unrecognized arguments: --spwan-rate=3\nDid you mean '--spawn-rate'?"),
      std::string::npos)
      << outcome.text;
}

TEST_F(OptionsTest, OnlyTheFirstUnknownArgumentIsComparedAndWithoutItsValueIfThatHidesItsName) {
  using testing::HasSubstr;
  EXPECT_THAT(parse({"--hsot=http://very.long.example.com"}).text,
              HasSubstr("\nDid you mean '--host'?"));
  EXPECT_THAT(parse({"--zzz", "--hsot"}).text, testing::Not(HasSubstr("Did you mean")));
}

TEST_F(OptionsTest, WhatArgvSaysToAWorkerIsSpeltInFull) {
  environment_ = {{"LOCUST_HOST", "http://a"}};
  std::optional<std::string> tenant;
  table_.add_argument("--tenant", "LOCUST_TENANT", tenant, "of the scenario");
  ASSERT_TRUE(parse({"-fshop.yaml", "Shop", "-u", "3", "--headless", "--csv", "x", "--samp=s.csv",
                     "--reset-stats", "-T", "a", "b", "--tenant", "-1", "-L", "debug", "-E"})
                  .proceed);
  using testing::UnorderedElementsAre;
  EXPECT_THAT(table_.arguments_of_worker(),
              UnorderedElementsAre("--locustfile=shop.yaml", "--users=3", "--samples=s.csv",
                                   "--reset-stats=true", "--tags=a", "--tags=b", "--tenant=-1",
                                   "--loglevel=DEBUG", "--exclude-tags="));
}

TEST_F(OptionsTest, WhatArgvSaysToAWorkerIsReadByItAsItWasMeant) {
  ASSERT_TRUE(parse({"-T", "a", "b", "-E", "--reset-stats", "-s", "1m", "--logfile=[x]"}).proceed);
  std::vector<const char*> line{"locust-worker"};
  for (const std::string& argument : table_.arguments_of_worker()) line.push_back(argument.c_str());
  OptionTable worker(Program::kWorker, "A test");
  CommonOptions common;
  TagOptions tags;
  std::int64_t stop_timeout = 0;
  bool reset_stats = false;
  add_common_options(worker, common);
  add_tag_options(worker, tags);
  worker.add("--stop-timeout", stop_timeout).time_span();
  worker.add_flag("--reset-stats", reset_stats);
  const ParseOutcome outcome = worker.parse(static_cast<int>(line.size()), line.data(),
                                            [](const char*) -> const char* { return nullptr; });
  ASSERT_TRUE(outcome.proceed) << outcome.text;
  drop_empty_tags(tags);
  EXPECT_EQ(tags.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(tags.exclude_tags.empty());
  EXPECT_EQ(stop_timeout, 60);
  EXPECT_TRUE(reset_stats);
}

TEST_F(OptionsTest, OptionsOfTheOtherProgramAreTakenInSilence) {
  environment_ = {{"LOCUST_MASTER_NODE_HOST", "elsewhere"}};
  const ParseOutcome outcome = parse({"--master-port", "5", "--worker", "-u", "2"});
  EXPECT_TRUE(outcome.proceed) << outcome.text;
  EXPECT_TRUE(outcome.notes.empty());
  EXPECT_EQ(users_, 2);
}

TEST_F(OptionsTest, AnOptionWithoutMeaningIsAcceptedAndSaysWhy) {
  environment_ = {{"LOCUST_ENABLE_OPENTELEMETRY", "true"}};
  const ParseOutcome outcome = parse({"--build-path", "page"});
  ASSERT_TRUE(outcome.proceed) << outcome.text;
  ASSERT_EQ(outcome.notes.size(), 2U);
  EXPECT_TRUE(outcome.notes[0].starts_with("--build-path has no effect: ")) << outcome.notes[0];
  EXPECT_TRUE(outcome.notes[1].starts_with("--otel has no effect: ")) << outcome.notes[1];
}

TEST_F(OptionsTest, WhatStockRefusesIsRefusedInItsWords) {
  const ParseOutcome outcome = parse({"--slave"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.text.find("argument --slave: The --slave parameter has been renamed --worker"),
            std::string::npos);
}

class ConfiguredOptionsTest : public OptionsTest {
 protected:
  ConfiguredOptionsTest() {
    std::filesystem::create_directories(home_);
    environment_["HOME"] = home_;
  }
  ~ConfiguredOptionsTest() { std::filesystem::remove_all(home_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = home_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  const std::string home_ = testing::TempDir() + "options_test." + std::to_string(::getpid());
};

TEST_F(ConfiguredOptionsTest, FilesCountLessThanTheEnvironmentAndThatLessThanTheLine) {
  write(".locust.conf", "users = 1\nhost = http://home\nheadless\nrun-time = 5s\n");
  const std::string named = write("own.toml", "[tool.locust]\nusers = 2\nhost = 'http://own'\n");
  environment_["LOCUST_HOST"] = "http://environment";
  environment_["LOCUST_HEADLESS"] = "false";
  const ParseOutcome outcome = parse({"--config", named.c_str(), "-t", "7s"});
  ASSERT_TRUE(outcome.proceed) << outcome.text;
  EXPECT_EQ(users_, 2);
  EXPECT_EQ(common_.host, "http://environment");
  EXPECT_FALSE(headless_);
  EXPECT_EQ(run_time_, 7);
}

TEST_F(ConfiguredOptionsTest, TheLastOfTwoSettingsInAFileCounts) {
  write(".locust.conf", "users = 1\nusers = 3\ntags = [a, b]\n");
  ASSERT_TRUE(parse({}).proceed);
  EXPECT_EQ(users_, 3);
  EXPECT_EQ(tags_.tags, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ConfiguredOptionsTest, ErrorsNameFileLineAndOption) {
  const std::string file = write(".locust.conf", "\nuserz = 1\n");
  EXPECT_NE(parse({}).text.find(file + ":2: unknown option 'userz'; did you mean 'users'?"),
            std::string::npos);
  write(".locust.conf", "users = many\n");
  EXPECT_NE(parse({}).text.find(file + ":1: 'users': "), std::string::npos);
  EXPECT_NE(parse({"--config", "/nowhere/x.conf"}).text.find("(--config)"), std::string::npos);
}

TEST_F(ConfiguredOptionsTest, KeysMayBeAbbreviatedAsOnTheCommandLine) {
  write(".locust.conf", "u 7\n--run = 5s\nheadl\n");
  const ParseOutcome outcome = parse({});
  ASSERT_TRUE(outcome.proceed) << outcome.text;
  EXPECT_EQ(users_, 7);
  EXPECT_EQ(run_time_, 5);
  EXPECT_TRUE(headless_);
}

TEST_F(ConfiguredOptionsTest, AKeyThatMeansSeveralOptionsIsRefusedWithItsPlaceAndTheRemedy) {
  const std::string file = write(".locust.conf", "users = 1\nt = 5m\n");
  EXPECT_THAT(parse({}).text, testing::HasSubstr(file + ":2: ambiguous option: 't' could match "));
  EXPECT_THAT(parse({}).text, testing::HasSubstr("files use long names: write 'run-time'"));
  write(".locust.conf", "H = http://a\n");
  EXPECT_THAT(parse({}).text,
              testing::HasSubstr(":1: unknown option 'H'; files use long names: write 'host'"));
}

TEST(OptionSpecs, AttributesOfStocksParsedOptionsAreKnown) {
  for (const char* name : {"stop_timeout", "num_users", "users", "html_file", "loglevel", "tags"}) {
    EXPECT_TRUE(is_attribute_of_stock(name)) << name;
  }
  for (const char* name : {"stop-timeout", "shape", "fail_on_invalid", "tenant", "", "_"}) {
    EXPECT_FALSE(is_attribute_of_stock(name)) << name;
  }
}

TEST(OptionTable, AnOptionThatIsNotInTheTableCannotBeBound) {
  OptionTable table(Program::kWorker, "A test");
  bool flag = false;
  EXPECT_THROW(table.add_flag("--nobody-knows", flag), std::logic_error);
}

// Expected values are those of Python 3.11's difflib.
TEST(OptionNames, TheNearestOfStocksIsTheCloseMatchOfDifflib) {
  std::vector<std::string_view> stocks;
  for (const OptionGroup& group : option_groups()) {
    if (!group.in_stock) continue;
    for (const OptionSpec& spec : group.options) {
      for (const std::string_view name : option_names(spec)) stocks.push_back(name);
    }
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 48> kCases = {{
      {"--user-cunt", "--users"},
      {"--usr", "--users"},
      {"--usres", "--users"},
      {"--user-count", "--master-port"},
      {"--num-users", "--users"},
      {"--hatch-rate", "--spawn-rate"},
      {"--spwan-rate", "--spawn-rate"},
      {"--spawnrate", "--spawn-rate"},
      {"--run-tme", "--run-time"},
      {"--runtime", "--run-time"},
      {"--headles", "--headless"},
      {"--no-headless", "--headless"},
      {"--htlm", "--html"},
      {"--jsn-file", "--json-file"},
      {"--jason", "--json"},
      {"--csv-full", "--csv-full-history"},
      {"--csv-prefix", ""},
      {"--lgolevel", "--loglevel"},
      {"--log-file", "--logfile"},
      {"--web-prt", "--web-port"},
      {"--webport", "--web-port"},
      {"--tls-crt", "--tls-cert"},
      {"--master-prot", "--master-port"},
      {"--bind-port", "--web-port"},
      {"--expect-worker", "--expect-workers"},
      {"--expect-slave", "--expect-slaves"},
      {"--stop-timout", "--stop-timeout"},
      {"--only-sumary", "--only-summary"},
      {"--print-stat", "--print-stats"},
      {"--reset-stat", "--reset-stats"},
      {"--autostop", "--autostart"},
      {"--auto-quit", "--autoquit"},
      {"--exclude-tag", "--exclude-tags"},
      {"--tag", "--tags"},
      {"--clients", "--list"},
      {"--no-web", ""},
      {"--zzz", ""},
      {"-z", ""},
      {"--processess", "--processes"},
      {"--clas-picker", "--class-picker"},
      {"--equal-weight", "--equal-weights"},
      {"--exit-code", "--exit-code-on-error"},
      {"--show-ratio", "--show-task-ratio"},
      {"--config-user", "--config-users"},
      {"--lits", "--list"},
      {"--slow", "--json"},
      {"--workers", "--worker"},
      {"--heeadlesss", "--headless"},
  }};
  for (const auto& [misspelt, expected] : kCases) {
    EXPECT_EQ(nearest_name(misspelt, stocks), expected);
  }
}

}  // namespace
}  // namespace locust
