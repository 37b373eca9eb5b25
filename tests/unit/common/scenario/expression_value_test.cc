#include "common/scenario/expression_value.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace locust {
namespace {

using std::chrono::milliseconds;

TEST(ExprValue, CountsNullFalseAndEmptyThingsAsNotThere) {
  EXPECT_FALSE(ExprValue().truthy());
  EXPECT_FALSE(ExprValue(false).truthy());
  EXPECT_FALSE(ExprValue("").truthy());
  EXPECT_FALSE(ExprValue(ExprList{}).truthy());
  EXPECT_FALSE(ExprValue(ExprMap{}).truthy());
  EXPECT_TRUE(ExprValue(0).truthy());
  EXPECT_TRUE(ExprValue("0").truthy());
  EXPECT_TRUE(ExprValue(ExprList{ExprValue()}).truthy());
}

TEST(ExprValue, StandsInATextAsAnAuthorWouldWriteIt) {
  EXPECT_EQ(ExprValue(7).to_text(), "7");
  EXPECT_EQ(ExprValue(0.5).to_text(), "0.5");
  EXPECT_EQ(ExprValue("a\"b").to_text(), "a\"b");
  EXPECT_EQ(ExprValue(true).to_text(), "true");
  EXPECT_EQ(ExprValue(Duration(milliseconds(800))).to_text(), "0.8");
  EXPECT_EQ(ExprValue(Duration(milliseconds(2000))).to_text(), "2");
  EXPECT_EQ(ExprValue(ExprList{ExprValue(1), ExprValue("x")}).to_text(), "[1, \"x\"]");
}

TEST(ExprValue, WritesJsonAsPythonsDumpsDoes) {
  const ExprValue value(
      ExprMap{{"a", ExprValue(ExprList{ExprValue(1), ExprValue(2.0), ExprValue()})},
              {"b\n", ExprValue("é€😀\x01/\\")}});
  EXPECT_EQ(value.to_json(),
            "{\"a\": [1, 2.0, null], \"b\\n\": \"\\u00e9\\u20ac\\ud83d\\ude00\\u0001/\\\\\"}");
  EXPECT_EQ(ExprValue("\xff").to_json(), "\"\\ufffd\"");
  EXPECT_EQ(ExprValue(std::numeric_limits<double>::infinity()).to_json(), "Infinity");
}

TEST(ToNumber, TakesNumbersAndTextsOfNumbersOnly) {
  EXPECT_EQ(to_number(ExprValue("12")), Number(12));
  EXPECT_EQ(to_number(ExprValue(" -1.5 ")), Number(-1.5));
  EXPECT_EQ(to_number(ExprValue("+3")), Number(3));
  EXPECT_EQ(to_number(ExprValue("0123")), Number(123));
  EXPECT_FALSE(to_number(ExprValue("")));
  EXPECT_FALSE(to_number(ExprValue("0x10")));
  EXPECT_FALSE(to_number(ExprValue("inf")));
  EXPECT_FALSE(to_number(ExprValue("1 2")));
  EXPECT_FALSE(to_number(ExprValue(true)));
  EXPECT_FALSE(to_number(ExprValue()));
}

TEST(ParseJsonNumber, AcceptsExactlyWhatJsonWrites) {
  EXPECT_EQ(parse_json_number("0"), Number(0));
  EXPECT_EQ(parse_json_number("-12.5e+2"), Number(-1250.0));
  for (const char* text :
       {"0123", "+1", ".5", "1.", "1e", "", "-", "0x1", "1_000", "NaN", "2026-01-01"}) {
    EXPECT_FALSE(parse_json_number(text)) << text;
  }
}

TEST(ParseDuration, AddsUpItsParts) {
  EXPECT_EQ(parse_duration("800ms"), Duration(milliseconds(800)));
  EXPECT_EQ(parse_duration("1h30m"), Duration(std::chrono::minutes(90)));
  EXPECT_EQ(parse_duration("1d"), Duration(std::chrono::hours(24)));
  for (const char* text : {"", "5", "s", "1x", "1h30", "-1s", "1 s", "1e3s", "infs"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace locust
