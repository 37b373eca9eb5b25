// Shapes as tables of what they ask for at which time.
#include "master/shape/shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/scenario/scenario_parse.h"
#include "master/shape/shape_rows.h"
#include "tests/fakes/test_data.h"

namespace locust::master {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kUsers =
    "users: {Shop: {tasks: {t: [get: /]}}, Admin: {tasks: {t: [get: /]}}}\n";

ParsedScenario parse(const std::string& text) {
  ParsedScenario parsed = parse_scenario({{"f.yaml", text + kUsers}});
  EXPECT_THAT(parsed.errors, ::testing::IsEmpty());
  return parsed;
}

Result<Shape> make(const std::string& shape, const ShapeOptions& options = {}) {
  const ParsedScenario parsed = parse("shape: " + shape + "\n");
  return Shape::make(parsed.scenario, parsed.scenario.shapes.at(0), options);
}

ShapeTick tick(std::int64_t users, double spawn_rate) { return {users, spawn_rate}; }
ShapeTick at_once(std::int64_t users) { return {users, std::nullopt}; }

TEST(Shape, StagesHoldUntilTheyEndAndTheLastEndsTheTest) {
  const auto shape = make(
      "{stages: [{until: 60s, users: 50, spawn_rate: 10}, {for: 60, users: 100, spawn_rate: 10}, "
      "{until: 3m, users: 200, spawn_rate: 20}]}");
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->at(seconds(0)), tick(50, 10));
  EXPECT_EQ(shape->at(milliseconds(59'999)), tick(50, 10));
  EXPECT_EQ(shape->at(seconds(60)), tick(100, 10));
  EXPECT_EQ(shape->at(seconds(119)), tick(100, 10));
  EXPECT_EQ(shape->at(seconds(120)), tick(200, 20));
  EXPECT_EQ(shape->at(seconds(179)), tick(200, 20));
  EXPECT_EQ(shape->at(seconds(180)), std::nullopt);
  EXPECT_EQ(shape->at(std::chrono::hours(9)), std::nullopt);
  EXPECT_FALSE(shape->reads("users"));
}

TEST(Shape, WithoutARateUsersChangeEvenlyOverTheStage) {
  const auto shape = make(
      "{stages: [{for: 50s, users: 100}, {for: 10s, users: 100}, "
      "{for: 20s, users: 60}, {for: 10s, users: 90, spawn_rate: 1}, "
      "{for: 10s, users: 90}]}");
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->at(seconds(0)), tick(100, 2));
  EXPECT_EQ(shape->at(seconds(50)), tick(100, 1));  // nothing to do
  EXPECT_EQ(shape->at(seconds(60)), tick(60, 2));
  EXPECT_EQ(shape->at(seconds(80)), tick(90, 1));
  EXPECT_EQ(shape->at(seconds(90)), tick(90, 2));  // the stage before it came to 70 only
}

TEST(Shape, UsersByClassChangeEvenlyToo) {
  const auto shape = make(
      "{stages: [{for: 10s, users: {Shop: 90, Admin: 10}}, "
      "{for: 20s, users: {Shop: 50, Admin: 50}}, {for: 10s, users: 50}]}");
  ASSERT_TRUE(shape);
  const ShapeTick first{100, 10, {{{"Shop", 90}, {"Admin", 10}}}};
  const ShapeTick second{100, 2, {{{"Shop", 50}, {"Admin", 50}}}};
  EXPECT_EQ(shape->at(seconds(0)), first);
  EXPECT_EQ(shape->at(seconds(10)), second);  // 40 stop and 40 start
  EXPECT_EQ(shape->at(seconds(30)), tick(50, 5));
}

TEST(Shape, FormulasAreAskedForEachSecond) {
  const auto shape =
      make(R"y({users: "100 + 50*sin(2*pi*t/600)", spawn_rate: "1 + t", until: 1h})y");
  ASSERT_TRUE(shape);
  for (int t = 0; t < 3600; t += 97) {
    const auto users = std::llround(100 + 50 * std::sin(2 * M_PI * t / 600));
    EXPECT_EQ(shape->at(seconds(t)), tick(users, 1 + t)) << t;
  }
  EXPECT_EQ(shape->at(seconds(3599))->spawn_rate, 3600);
  EXPECT_EQ(shape->at(seconds(3600)), std::nullopt);
}

TEST(Shape, AFormulaWithoutARateOrAnEndAsksForAllAtOnceAndForEver) {
  const auto shape = make(R"({users: "2.5*t - 10"})");
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->at(seconds(1)), at_once(0));  // not less
  EXPECT_EQ(shape->at(seconds(5)), at_once(3));
  EXPECT_EQ(shape->at(std::chrono::hours(100'000)), at_once(899'999'990));
  EXPECT_EQ(shape->at(std::chrono::hours(1'000'000)), at_once(Shape::kMaxUsers));
}

TEST(Shape, FormulasMayReadTheOptions) {
  const auto shape = make(R"({users: "users*t/run_time", spawn_rate: spawn_rate})",
                          {.users = 40, .spawn_rate = 3, .run_time = seconds(20)});
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->at(seconds(10)), tick(20, 3));
  EXPECT_EQ(shape->at(seconds(19)), tick(38, 3));
  EXPECT_EQ(shape->at(seconds(20)), std::nullopt);  // what is read ends it too
  for (const char* option : {"users", "spawn_rate", "run_time"}) EXPECT_TRUE(shape->reads(option));
}

TEST(Shape, FormulasThatGiveNoNumberAreErrorsBeforeTheTest) {
  EXPECT_EQ(make("{users: 1/(t - 3), until: 10s}").error(),
            "f.yaml:1:16: 'users' is not a number at t = 3");
  EXPECT_EQ(make("{users: 5, spawn_rate: 4 - t, until: 10s}").error(),
            "f.yaml:1:31: 'spawn_rate' is not above 0 at t = 4");
  EXPECT_TRUE(make("{users: 1/(t - 30), until: 10s}"));
  EXPECT_EQ(make("{users: run_time}").error(),
            "f.yaml:1:8: the shape 'shape' reads run_time; give it by -t");
}

TEST(ShapeRows, ACurveIsMadeOfRows) {
  const auto rows =
      parse_shape_rows("x.csv", "users, time ,spawn_rate\r\n10,0,\n30,10,5\n\n0,20,\n");
  ASSERT_TRUE(rows) << rows.error();
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[1].time, 10);
  EXPECT_EQ((*rows)[1].spawn_rate, 5);
  EXPECT_FALSE((*rows)[0].spawn_rate);
}

TEST(ShapeRows, SayWhatIsWrongWithThem) {
  const auto error = [](const std::string& text) {
    const auto rows = parse_shape_rows("x.csv", text);
    return rows ? std::string() : rows.error();
  };
  EXPECT_EQ(error("time,user\n"),
            "x.csv:1: unknown column 'user'; the first line names the columns time, users and "
            "spawn_rate");
  EXPECT_EQ(error("users,spawn_rate\n"), "x.csv:1: there is no column 'time'");
  EXPECT_EQ(error("time,users\n0\n"), "x.csv:2: 1 fields, where the first line has 2");
  EXPECT_EQ(error("time,users\nx,1\n"), "x.csv:2: 'time' must be seconds, 0 or more");
  EXPECT_EQ(error("time,users\n1,-1\n"), "x.csv:2: 'users' must be a number, 0 or more");
  EXPECT_EQ(error("time,users,spawn_rate\n1,1,0\n"),
            "x.csv:2: 'spawn_rate' must be a number above 0, or empty");
  EXPECT_EQ(error("time,users\n5,1\n5,2\n"), "x.csv:3: 'time' must grow from row to row");
  const std::string too_few =
      "x.csv: needs two rows at least; the time of the last one is the test's end";
  EXPECT_EQ(error("time,users\n5,1\n"), too_few);
  EXPECT_EQ(error(""), too_few);
  EXPECT_THAT(read_shape_rows("/nowhere/x.csv").error(),
              HasSubstr("x.csv: cannot be read: No such"));
}

class ShapeFileTest : public ::testing::Test {
 protected:
  ShapeFileTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("shape_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ShapeFileTest() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  std::filesystem::path folder_;
};

TEST_F(ShapeFileTest, AFileIsFoundBesideTheScenario) {
  write("load.csv", "time,users,spawn_rate\n2,10,\n12,30,\n20,50,5\n30,0,\n");
  write("s.yaml", std::string("shape: {csv: load.csv}\n") + kUsers);
  const ParsedScenario parsed = parse_scenario_files({(folder_ / "s.yaml").string()});
  const auto shape = Shape::make(parsed.scenario, parsed.scenario.shapes.at(0), {});
  ASSERT_TRUE(shape) << shape.error();
  EXPECT_EQ(shape->at(seconds(0)), at_once(0));
  EXPECT_EQ(shape->at(seconds(2)), at_once(10));
  EXPECT_EQ(shape->at(seconds(7)), at_once(20));  // half way
  EXPECT_EQ(shape->at(seconds(16)), at_once(40));
  EXPECT_EQ(shape->at(seconds(20)), tick(50, 5));  // with a rate there is nothing between rows
  EXPECT_EQ(shape->at(seconds(29)), tick(50, 5));
  EXPECT_EQ(shape->at(seconds(30)), std::nullopt);
}

TEST_F(ShapeFileTest, AFileThatIsNotThereIsAnErrorWithBothPlaces) {
  write("s.yaml", std::string("shape: {csv: load.csv}\n") + kUsers);
  const ParsedScenario parsed = parse_scenario_files({(folder_ / "s.yaml").string()});
  const auto shape = Shape::make(parsed.scenario, parsed.scenario.shapes.at(0), {});
  ASSERT_FALSE(shape);
  EXPECT_THAT(shape.error(), HasSubstr("s.yaml:1:14: "));
  EXPECT_THAT(shape.error(), HasSubstr("load.csv: cannot be read"));
}

// What users look up first. Tables of the guide's stories.
class ShapeExamples : public ::testing::Test {
 protected:
  static Shape example(const std::string& file, const std::string& name,
                       const ShapeOptions& options = {}) {
    const ParsedScenario parsed = parse_scenario_files({in_repository("examples/" + file)});
    EXPECT_THAT(parsed.errors, ::testing::IsEmpty());
    const auto& shapes = parsed.scenario.shapes;
    const auto spec = std::find_if(shapes.begin(), shapes.end(),
                                   [&name](const auto& each) { return each.name == name; });
    EXPECT_NE(spec, shapes.end()) << name;
    auto shape = Shape::make(parsed.scenario, *spec, options);
    EXPECT_TRUE(shape) << shape.error();
    return *shape;
  }
};

TEST_F(ShapeExamples, StepsAreFiftyAHundredAndTwoHundredUsers) {
  const Shape shape = example("step_shape.yaml", "shape");
  EXPECT_EQ(shape.at(seconds(59)), tick(50, 10));
  EXPECT_EQ(shape.at(seconds(60)), tick(100, 10));
  EXPECT_EQ(shape.at(seconds(120)), tick(200, 20));
  EXPECT_EQ(shape.at(seconds(180)), std::nullopt);
}

TEST_F(ShapeExamples, ASpikeIsOfBuyersOnly) {
  const Shape shape = example("spike.yaml", "spike");
  const ShapeTick before{22, 5, {{{"Visitor", 20}, {"Buyer", 2}}}};
  const ShapeTick in_it{100, 40, {{{"Visitor", 20}, {"Buyer", 80}}}};
  EXPECT_EQ(shape.at(seconds(59)), before);
  EXPECT_EQ(shape.at(seconds(60)), in_it);
  EXPECT_EQ(shape.at(seconds(90))->users, 22);
  EXPECT_EQ(shape.at(seconds(150)), std::nullopt);
  EXPECT_NEAR(*example("spike.yaml", "ramp").at(seconds(0))->spawn_rate, 100.0 / 120, 1e-9);
}

TEST_F(ShapeExamples, ADayHasTwoWaves) {
  const Shape day = example("double_wave.yaml", "day");
  EXPECT_EQ(day.at(seconds(0)), tick(20, 10));
  EXPECT_EQ(day.at(seconds(200)), tick(60, 10));
  EXPECT_EQ(day.at(seconds(300)), tick(20, 10));
  EXPECT_EQ(day.at(seconds(400)), tick(40, 10));
  EXPECT_EQ(day.at(seconds(600)), std::nullopt);
  const Shape scaled =
      example("double_wave.yaml", "scaled", {.users = 300, .run_time = seconds(3600)});
  EXPECT_EQ(scaled.at(seconds(1200)), at_once(300));
  EXPECT_EQ(scaled.at(seconds(2400)), at_once(200));
  EXPECT_EQ(scaled.at(seconds(3600)), std::nullopt);
}

}  // namespace
}  // namespace locust::master
