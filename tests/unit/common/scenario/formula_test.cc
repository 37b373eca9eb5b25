#include "common/scenario/formula.h"

#include <gtest/gtest.h>

#include <cmath>

namespace locust {
namespace {

double value(const std::string& text, const FormulaInput& input = {}) {
  Formula::ParseError error;
  const auto formula = Formula::parse(text, error);
  EXPECT_TRUE(formula) << text << ": " << error.message;
  return formula ? formula->at(input) : std::nan("");
}

std::string error_of(const std::string& text) {
  Formula::ParseError error;
  EXPECT_FALSE(Formula::parse(text, error)) << text;
  return std::to_string(error.offset) + ": " + error.message;
}

TEST(Formula, CalculatesWithTimeOptionsAndFunctions) {
  EXPECT_DOUBLE_EQ(value("100 + 50*sin(2*pi*t/600)", {.t = 150}), 150);
  EXPECT_DOUBLE_EQ(value("users * t / run_time", {.t = 30, .users = 10, .run_time = 60}), 5);
  EXPECT_DOUBLE_EQ(value("spawn_rate", {.spawn_rate = 2.5}), 2.5);
  EXPECT_DOUBLE_EQ(value("t < 60 ? 50 : 100", {.t = 60}), 100);
  EXPECT_DOUBLE_EQ(value("t == 5 || t >= 7", {.t = 5}), 1);
  EXPECT_DOUBLE_EQ(value("floor(2.7) + ceil(2.2) + mod(65, 60) + mod(-1, 4)"), 13);
  EXPECT_DOUBLE_EQ(value("max(1, 2^3)"), 8);
  EXPECT_FALSE(std::isfinite(value("1/t")));
}

TEST(Formula, KnowsWhatItReads) {
  Formula::ParseError error;
  const auto formula = Formula::parse("users + sin(t)", error);
  ASSERT_TRUE(formula);
  EXPECT_TRUE(formula->reads("users"));
  EXPECT_TRUE(formula->reads("t"));
  EXPECT_FALSE(formula->reads("run_time"));
}

TEST(Formula, SaysWhereAndWhyATextIsNone) {
  EXPECT_EQ(error_of("5 + tt"), "4: unknown name 'tt' in the formula; did you mean 't'?");
  EXPECT_EQ(error_of("2*sqrtt(t)"), "2: unknown name 'sqrtt' in the formula; did you mean 'sqrt'?");
  EXPECT_EQ(error_of("t = 5"), "2: a formula cannot assign; '==' compares");
  EXPECT_EQ(error_of("1, 2"), "0: a formula gives one number, not 2");
  EXPECT_EQ(error_of("${t}"), "0: a formula has numbers, names, brackets and operators only");
  EXPECT_EQ(error_of("\"t\"").substr(0, 1), "0");
  EXPECT_NE(error_of("5 +").find("not well formed"), std::string::npos);
  EXPECT_NE(error_of("").find("not well formed"), std::string::npos);
  EXPECT_NE(error_of("sin(").find("not well formed"), std::string::npos);
  EXPECT_EQ(error_of(std::string(1'001, '1')), "0: the formula is longer than 1000 characters");
}

TEST(Formula, DeepBracketsAreNoDanger) {
  EXPECT_DOUBLE_EQ(value(std::string(400, '(') + "1" + std::string(400, ')')), 1);
}

}  // namespace
}  // namespace locust
