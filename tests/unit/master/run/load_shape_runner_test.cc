// Headless runs led by a shape, in simulated time.
#include "master/run/load_shape_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/scenario/scenario_parse.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;

class ShapeRunTest : public HeadlessTest {
 protected:
  // A headless run by this shape over one worker, begun.
  void begin_shape(const std::string& shape) {
    begin_headless(shape);
    join_both("w_1");
  }
  // The same without a worker yet.
  void begin_headless(const std::string& shape) {
    parsed_ = parse_scenario(
        {{"f.yaml",
          "shape: " + shape +
              "\nusers: {Shop: {tasks: {t: [get: /]}}, Admin: {tasks: {t: [get: /]}}}\n"}});
    ASSERT_THAT(parsed_.errors, ::testing::IsEmpty());
    scenario_ = &parsed_.scenario;
    master_.emplace(loop_, network_.master(), UserClassCatalog(scenario_, {}, {}), MasterConfig{});
    begin({});
  }
  ScriptedWorker& join_both(const std::string& id) {
    return join(id, {.classes = {"Admin", "Shop"}});
  }
  std::int64_t users() const {
    std::int64_t sum = 0;
    for (const auto& worker : workers_) sum += worker->users();
    return sum;
  }
  // The users after each second.
  std::vector<std::int64_t> users_each_second(int count) {
    std::vector<std::int64_t> result;
    for (int i = 0; i < count; ++i) {
      loop_.advance(i == 0 ? milliseconds(500) : milliseconds(1000));
      result.push_back(users());
    }
    return result;
  }

  ParsedScenario parsed_;
};

TEST_F(ShapeRunTest, UsersFollowTheTableAndTheTestStopsAtItsEnd) {
  begin_shape(
      "{stages: [{for: 4s, users: 20, spawn_rate: 10}, {for: 4s, users: 50, spawn_rate: 20}, "
      "{for: 3s, users: 5, spawn_rate: 100}]}");
  EXPECT_THAT(users_each_second(11), ElementsAre(10, 20, 20, 20, 40, 50, 50, 50, 5, 5, 5));
  EXPECT_TRUE(exit_codes_.empty());
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
  EXPECT_EQ(users(), 0);
}

TEST_F(ShapeRunTest, AStageShorterThanItsRampIsNotSkippedButCutShort) {
  begin_shape(
      "{stages: [{for: 3s, users: 100, spawn_rate: 1}, {for: 3s, users: 12, spawn_rate: 5}]}");
  EXPECT_THAT(users_each_second(6), ElementsAre(1, 2, 3, 8, 12, 12));
}

TEST_F(ShapeRunTest, AStageWithoutARateChangesEvenly) {
  begin_shape("{stages: [{for: 10s, users: 20}, {for: 5s, users: 10}]}");
  EXPECT_THAT(users_each_second(15),
              ElementsAre(2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 18, 16, 14, 12, 10));
}

TEST_F(ShapeRunTest, FormulasAreFollowedEachSecond) {
  begin_shape("{users: t*t, until: 6s}");
  EXPECT_THAT(users_each_second(6), ElementsAre(0, 1, 4, 9, 16, 25));
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(ShapeRunTest, WhatDoesNotChangeIsSaidOnce) {
  begin_shape("{users: \"t < 3 ? 5 : 8\", until: 1m}");
  loop_.advance(seconds(30));
  EXPECT_EQ(workers_[0]->got<proto::Spawn>().size(), 2U);
}

TEST_F(ShapeRunTest, UsersOfEachClassAreThoseOfTheStage) {
  begin_shape(
      "{stages: [{for: 3s, users: {Shop: 9, Admin: 1}, spawn_rate: 10}, "
      "{for: 3s, users: {Shop: 5, Admin: 5}, spawn_rate: 2}, {for: 3s, users: 4}]}");
  loop_.advance(milliseconds(500));
  EXPECT_EQ(workers_[0]->users("Shop"), 9);
  EXPECT_EQ(workers_[0]->users("Admin"), 1);
  loop_.advance(seconds(3));
  EXPECT_EQ(workers_[0]->users("Shop"), 7);
  EXPECT_EQ(workers_[0]->users("Admin"), 3);
  ScriptedWorker& late = join_both("w_2");
  loop_.advance(seconds(2));
  EXPECT_EQ(workers_[0]->users("Shop") + late.users("Shop"), 5);
  EXPECT_EQ(workers_[0]->users("Admin") + late.users("Admin"), 5);
  loop_.advance(seconds(3));
  EXPECT_EQ(users(), 4);
}

TEST_F(ShapeRunTest, CodeSaysOfWhichClassesNewUsersAre) {
  begin_shape("{users: 0, until: 1h}");
  run_.reset();
  ShapeSpec spec;
  spec.load = ShapeCode{.tick = [](Duration run_time) -> std::optional<ShapeCode::Tick> {
    if (run_time < seconds(2)) return ShapeCode::Tick{3, 10, {{"Shop"}}};
    if (run_time < seconds(4)) return ShapeCode::Tick{5, 10, std::nullopt};
    return ShapeCode::Tick{9, 10, {{"Admin", "Shop"}}};
  }};
  LoadShapeRunner runner(loop_, *master_, *Shape::make({}, spec, {}), [] {});
  runner.start();
  loop_.advance(milliseconds(3'500));
  EXPECT_EQ(workers_[0]->users("Shop"), 5);
  EXPECT_EQ(workers_[0]->users("Admin"), 0);
  loop_.advance(seconds(2));
  EXPECT_GT(workers_[0]->users("Admin"), 0);
  EXPECT_EQ(users(), 9);
}

TEST_F(ShapeRunTest, AFileThatIsRemovedAfterTheCommandLineWasReadChangesNothing) {
  const std::string file = testing::TempDir() + "shape_run_test." + std::to_string(::getpid());
  std::ofstream(file) << "time,users,spawn_rate\n0,3,10\n2,7,10\n4,7,10\n";
  begin_headless("{csv: " + file + "}");
  std::filesystem::remove(file);
  join_both("w_1");
  EXPECT_THAT(users_each_second(4), ElementsAre(3, 3, 7, 7));
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(ShapeRunTest, AnInterruptEndsIt) {
  begin_shape("{stages: [{for: 1h, users: 2}, {for: 1h, users: 20}]}");
  loop_.advance(seconds(5));
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
  loop_.advance(std::chrono::hours(3));
  EXPECT_EQ(exit_codes_.size(), 1U);
}

TEST_F(ShapeRunTest, EachTestBeginsItsShapeAnew) {
  begin_shape("{stages: [{for: 5s, users: 3, spawn_rate: 3}, {for: 1h, users: 6, spawn_rate: 6}]}");
  run_.reset();
  const ParsedScenario parsed =
      parse_scenario({{"f.yaml",
                       "shape: {stages: [{for: 5s, users: 3, spawn_rate: 3}]}\n"
                       "users: {Shop: {tasks: {t: [get: /]}}}\n"}});
  int ends = 0;
  LoadShapeRunner runner(loop_, *master_,
                         *Shape::make(parsed.scenario, parsed.scenario.shapes[0], {}),
                         [&] { ++ends; });
  runner.start();
  loop_.advance(seconds(4));
  runner.start();
  loop_.advance(milliseconds(4'900));
  EXPECT_EQ(ends, 0);
  loop_.advance(milliseconds(200));
  EXPECT_EQ(ends, 1);
}

}  // namespace
}  // namespace locust::master
