#include "common/options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace locust {
namespace {

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    table_.add("-u,--users", "LOCUST_USERS", users_, "users");
    table_.add_flag("--headless", "LOCUST_HEADLESS", headless_, "headless");
    table_.add("-t,--run-time", "LOCUST_RUN_TIME", run_time_, "run time")
        ->transform(time_span_validator());
    table_.add_list("--config-users", "LOCUST_CONFIG_USERS", config_users_, "config");
    table_.add_positional("user_classes", user_classes_, "classes");
    add_common_options(table_, common_);
  }

  ParseOutcome parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "locust-test");
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
  OptionTable table_{"locust-test", "A test"};
};

TEST_F(OptionsTest, DefaultsStayWithoutArguments) {
  EXPECT_TRUE(parse({}).proceed);
  EXPECT_FALSE(users_);
  EXPECT_FALSE(headless_);
  EXPECT_EQ(common_.loglevel, "INFO");
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

TEST_F(OptionsTest, AJsonArrayStaysOneValueOfAList) {
  const std::string array = R"([{"a": 1, "b": [2]}, {"c": 3}])";
  for (const std::string& option : {"--config-users=" + array, "--config-users= " + array}) {
    config_users_.clear();
    ASSERT_TRUE(parse({option.c_str()}).proceed);
    ASSERT_EQ(config_users_.size(), 1U);
    EXPECT_EQ(config_users_[0].substr(config_users_[0].find('[')), array);
  }
  ASSERT_TRUE(parse({"--config-users", array.c_str(), "{}"}).proceed);
  EXPECT_EQ(config_users_, (std::vector<std::string>{" " + array, "{}"}));
}

TEST_F(OptionsTest, AListOfTheArgumentsReplacesThatOfTheEnvironment) {
  environment_["LOCUST_CONFIG_USERS"] = R"([{"a": 1}, {"b": 2}])";
  ASSERT_TRUE(parse({}).proceed);
  EXPECT_EQ(config_users_, std::vector<std::string>{R"( [{"a": 1}, {"b": 2}])"});
  config_users_.clear();
  ASSERT_TRUE(parse({"--config-users", "x"}).proceed);
  EXPECT_EQ(config_users_, std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace locust
