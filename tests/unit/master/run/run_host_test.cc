// When a run of a YAML scenario is refused for its host.
#include "master/run/run_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/scenario/scenario_parse.h"

namespace locust::master {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class RunHostTest : public ::testing::Test {
 protected:
  RunHostTest() { options_.headless = options_.as_one_process = true; }
  std::string problem() const {
    return problem_of_given_host(options_, parsed_.scenario, configs_).value_or("");
  }

  MasterOptions options_;
  std::vector<UserConfig> configs_;
  ParsedScenario parsed_ = parse_scenario({{"f.yaml",
                                            "users:\n  Shop:\n    tasks:\n      t:\n        - get: "
                                            "/cart\n  Idle:\n    tasks:\n      t: []\n"}});
};

TEST_F(RunHostTest, AMissingOneIsRefusedWhereTheRunHasAllWorkersAndStartsByItself) {
  EXPECT_THAT(problem(), StartsWith("f.yaml:5:11: user class 'Shop' has no host, which the URL"));
  options_.as_one_process = false;
  EXPECT_EQ(problem(), "") << "workers elsewhere may have one of their own";
  options_.processes = 2;
  EXPECT_THAT(problem(), HasSubstr("'Shop' has no host"));
  options_.headless = false;
  EXPECT_EQ(problem(), "") << "the page's form may give one";
  options_.autostart = true;
  EXPECT_THAT(problem(), HasSubstr("'Shop' has no host"));
}

TEST_F(RunHostTest, AnyHostWillDo) {
  options_.common.host = "http://shop";
  EXPECT_EQ(problem(), "");
  options_.common.host.reset();
  configs_ = {{.user_class_name = "Shop", .host = "http://shop"}};
  EXPECT_EQ(problem(), "");
}

TEST_F(RunHostTest, ClassesWithoutUsersNeedNone) {
  options_.user_classes = {"Idle"};
  EXPECT_EQ(problem(), "");
  options_.user_classes.clear();
  configs_ = {{.user_class_name = "Shop", .weight = 0}};
  EXPECT_EQ(problem(), "");
  configs_.push_back({.user_class_name = "Shop", .fixed_count = 1});
  EXPECT_THAT(problem(), HasSubstr("'Shop' has no host"));
}

TEST_F(RunHostTest, AHostThatLeadsNowhereIsRefusedWhoeverHasTheWorkers) {
  options_.as_one_process = options_.headless = false;
  options_.common.host = "shop:80";
  EXPECT_EQ(problem(), "-H (--host): 'shop:80' has no scheme; write http://shop:80");
  options_.common.host.reset();
  configs_ = {{.user_class_name = "Shop", .host = "shop:80"}};
  EXPECT_THAT(problem(), StartsWith("--config-users: host of 'Shop': 'shop:80' has no scheme"));
}

}  // namespace
}  // namespace locust::master
