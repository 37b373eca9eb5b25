// What a run is made of, and what is refused before it starts.
#include "master/run/run_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace locust::master {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kWait = "LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP";

class RunInputsTest : public ::testing::Test {
 protected:
  ~RunInputsTest() override {
    ::unsetenv(kWait);
    std::filesystem::remove(path_);
  }
  TestFile yaml(const std::string& text) const {
    std::ofstream(path_) << text;
    auto test = yaml_test(parse_scenario_files({path_}));
    EXPECT_TRUE(test) << test.error();
    return *std::move(test);
  }
  TestFile shop() const { return yaml("users: {Shop: {tasks: {t: [get: /]}}}\n"); }
  std::string problem(TestFile test) const {
    const auto inputs = read_inputs(options_, std::move(test), config_users_);
    return inputs ? "" : inputs.error();
  }

  const std::string path_ =
      testing::TempDir() + "run_inputs_test." + std::to_string(::getpid()) + ".yaml";
  MasterOptions options_;
  std::vector<UserConfig> config_users_;
};

TEST_F(RunInputsTest, WithoutAFileTheWorkersBringTheTest) {
  options_.stop_timeout = 3;
  const auto inputs = read_inputs(options_, {}, {});
  ASSERT_TRUE(inputs);
  EXPECT_FALSE(inputs->scenario);
  EXPECT_FALSE(inputs->master.is_scenario);
  EXPECT_FALSE(inputs->master.locustfile);
  EXPECT_EQ(inputs->master.stop_timeout, 3);
}

TEST_F(RunInputsTest, AScenarioIsReadWithItsShapeAndThresholds) {
  options_.verdicts.thresholds = {"rps > 1"};
  const auto inputs =
      read_inputs(options_,
                  yaml("shape: {stages: [{for: 3s, users: 2}]}\nthresholds: [p95 < 1s]\n"
                       "users: {Shop: {tasks: {t: [get: /]}}}\n"),
                  {});
  ASSERT_TRUE(inputs) << inputs.error();
  ASSERT_TRUE(inputs->scenario);
  EXPECT_TRUE(inputs->master.is_scenario);
  EXPECT_TRUE(inputs->master.locustfile);
  EXPECT_EQ(inputs->master.classes.size(), 1);
  EXPECT_TRUE(inputs->shape);
  EXPECT_EQ(inputs->thresholds.size(), 2);
}

TEST_F(RunInputsTest, EachErrorOfAScenarioHasALine) {
  const auto test = yaml_test(parse_scenario({{"f.yaml", "users: {Shop: {taks: {}}}\nuser: 1\n"}}));
  ASSERT_FALSE(test);
  EXPECT_THAT(test.error(), HasSubstr("f.yaml:1:"));
  EXPECT_THAT(test.error(), HasSubstr("\nf.yaml:2:"));
}

TEST_F(RunInputsTest, WhatIsWrongWithOptionsIsSaidByName) {
  options_.shape = "none";
  EXPECT_EQ(problem(shop()), "");
  options_.shape = "steps";
  EXPECT_THAT(problem(shop()), StartsWith("--shape steps: "));
  options_.shape.reset();
  options_.common.host = "shop:80";
  EXPECT_THAT(problem(shop()), StartsWith("-H (--host): "));
  EXPECT_EQ(problem({}), "") << "of stock's workers only they know";
  options_.common.host.reset();
  options_.verdicts.thresholds = {"p95"};
  EXPECT_THAT(problem(shop()), StartsWith("--threshold 'p95': "));
}

TEST_F(RunInputsTest, OnlyClassesOfPythonTakeAnyAttribute) {
  config_users_ = *parse_config_users({R"({"user_class_name": "Shop", "think": 9})"});
  EXPECT_THAT(problem(shop()), HasSubstr("think"));
  EXPECT_THAT(problem({}), HasSubstr("think"));
  EXPECT_EQ(problem({.kind = TestFile::Kind::kPython}), "");
}

TEST_F(RunInputsTest, ArgumentsOfALocustfileReachTheWorkersAfterTags) {
  options_.tags.tags = {"a"};
  const auto inputs = read_inputs(
      options_, {.kind = TestFile::Kind::kPython, .arguments = {{"pages", proto::Value(7)}}}, {});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->master.parsed_options,
            (proto::Value::Map{{"tags", proto::Value::Array{"a"}}, {"pages", proto::Value(7)}}));
}

TEST_F(RunInputsTest, HowLongReportsAreAwaitedComesFromTheEnvironment) {
  ::setenv(kWait, "7.5", 1);
  const auto inputs = read_inputs(options_, {}, {});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->master.report_wait, std::chrono::milliseconds(7500));
  ::setenv(kWait, "soon", 1);
  EXPECT_THAT(problem({}), HasSubstr(kWait));
}

}  // namespace
}  // namespace locust::master
