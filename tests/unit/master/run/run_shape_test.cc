// Which load shape a run has.
#include "master/run/run_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/scenario/scenario_parse.h"

namespace locust::master {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class RunShapeTest : public ::testing::Test {
 protected:
  std::string error() const { return run_shape(options_, &parsed_.scenario).error(); }

  const ParsedScenario parsed_ =
      parse_scenario({{"f.yaml",
                       "shapes:\n"
                       "  first: {stages: [{for: 5s, users: {Admin: 3}}]}\n"
                       "  second: {stages: [{for: 5s, users: 4}]}\n"
                       "users: {Shop: {tasks: {t: [get: /]}}, Admin: {tasks: {t: [get: /]}}}\n"}});
  MasterOptions options_;
};

TEST_F(RunShapeTest, TheFirstIsTakenUnlessAnotherIsNamed) {
  EXPECT_EQ((*run_shape(options_, &parsed_.scenario))->at(seconds(0))->users, 3);
  options_.shape = "second";
  EXPECT_EQ((*run_shape(options_, &parsed_.scenario))->at(seconds(0))->users, 4);
  options_.shape = "none";
  EXPECT_FALSE(*run_shape(options_, &parsed_.scenario));
  options_.shape.reset();
  EXPECT_FALSE(*run_shape(options_, nullptr));
}

TEST_F(RunShapeTest, WrongNamesAreErrorsThatNameTheOption) {
  options_.shape = "secnod";
  EXPECT_EQ(error(),
            "--shape secnod: the scenario has no shape of this name; did you mean 'second'?");
  EXPECT_EQ(run_shape(options_, nullptr).error(), "--shape secnod: the scenario has no shapes");
  options_.shape.reset();
  options_.user_classes = {"Shop"};
  EXPECT_THAT(error(), HasSubstr("the shape 'first' has users of 'Admin'"));
}

}  // namespace
}  // namespace locust::master
