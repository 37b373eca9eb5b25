// YAML's own traps and the limits of scenario files (docs/scenario.md "Errors").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/scenario/scenario_parse.h"

namespace locust {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> errors_of(std::string text) {
  return parse_scenario({{"f.yaml", std::move(text)}}).errors;
}

// The errors of one step, which begins at line 5, column 11, besides unknown variables' ones.
std::vector<std::string> step_errors(const std::string& step) {
  return errors_of("users:\n  U:\n    tasks:\n      t:\n        - " + step +
                   "\n        - set: {n: 1}\n");
}

constexpr const char* kQuoteDollar = "quote texts with ${…} inside { } and [ ]";
constexpr const char* kQuoteComma = "quote texts with a comma or a bracket inside { } and [ ]";

TEST(YamlTraps, ADollarBraceInsideBraces) {
  EXPECT_THAT(step_errors("get: /\n          params: {page: ${n}}"),
              ElementsAre(std::string("f.yaml:6:26: ") + kQuoteDollar));
  EXPECT_THAT(step_errors("get: /\n          headers: {A: b, Authorization: Bearer ${n}}"),
              ElementsAre(std::string("f.yaml:6:42: ") + kQuoteDollar));
  EXPECT_THAT(step_errors("get: /${n}"), IsEmpty()) << "outside of braces it is fine";
}

TEST(YamlTraps, ACommaInsideBraces) {
  EXPECT_THAT(step_errors("set: {a: x,y}"),
              ElementsAre(std::string("f.yaml:5:22: 'y' has no value; ") + kQuoteComma));
  EXPECT_THAT(step_errors("set: {a: \"x,y\", b: }"), IsEmpty());
  EXPECT_THAT(step_errors("get: /\n          save: {a: regex('x,y')}"),
              Contains(std::string("f.yaml:6:30: 'y')' has no value; ") + kQuoteComma));
}

TEST(YamlTraps, ABracketInsideBraces) {
  EXPECT_THAT(step_errors("get: /\n          check: {ok: status in [200, 404]}"),
              ElementsAre(std::string("f.yaml:6:23: ") + kQuoteComma));
  EXPECT_THAT(step_errors("get: /\n          check: [status in [200, 404]]"),
              ElementsAre(std::string("f.yaml:6:19: ") + kQuoteComma));
  EXPECT_THAT(step_errors("set: {a: x]}"), ElementsAre(std::string("f.yaml:5:20: ") + kQuoteComma));
}

TEST(YamlTraps, ACommaInAnExpressionInAList) {
  EXPECT_THAT(
      step_errors("get: /\n          check: [json('/a') == min(1,2)]"),
      ElementsAre(std::string("f.yaml:6:38: expected ',' or ')' at the end; ") + kQuoteComma,
                  HasSubstr("f.yaml:6:40: ")));
}

TEST(YamlTraps, ATextCutByAComment) {
  const std::string remedy = "quote it, or put a space after the # of a comment";
  EXPECT_THAT(step_errors("get: /a #b"),
              ElementsAre("f.yaml:5:16: this text is cut off by ' #'; " + remedy));
  EXPECT_THAT(step_errors("get: /\n          json:\n            color: #fff"),
              ElementsAre("f.yaml:7:13: the text of 'color' is cut off by ' #'; " + remedy));
  EXPECT_THAT(
      step_errors("get: /\n          check: body contains ' # '"),
      ElementsAre(
          "f.yaml:6:32: this text has no closing quote; the text is cut off by ' #': quote it"));
  EXPECT_THAT(step_errors("get: /a # b"), IsEmpty());
  EXPECT_THAT(step_errors("get: /a#b"), IsEmpty());
  EXPECT_THAT(step_errors("get: '/a' #b"), IsEmpty());
  EXPECT_THAT(errors_of("users:\n  U:\n    weight: 2 #two\n    tasks: {t: []}\n"), IsEmpty())
      << "a number is not cut";
}

TEST(YamlTraps, ATextCutByAColon) {
  EXPECT_THAT(step_errors("get: /\n          name: a: b"),
              ElementsAre("f.yaml:6:17: this text is cut off by ': '; quote it"));
  EXPECT_THAT(step_errors("set: {a: b: c}"),
              ElementsAre("f.yaml:5:20: this text is cut off by ': '; quote it"));
  EXPECT_THAT(step_errors("get: /\n          check:\n            - body contains 'a: b'"),
              ElementsAre("f.yaml:7:15: this text is cut off by ': '; quote it"));
}

TEST(YamlTraps, TheSameKeyTwice) {
  EXPECT_THAT(errors_of("users:\n  U:\n    weight: 1\n    tasks: {t: []}\n    weight: 2\n"),
              ElementsAre("f.yaml:5:5: the key 'weight' is a duplicate, first in line 3"));
}

TEST(YamlTraps, ASecondDocument) {
  EXPECT_THAT(errors_of("users: {U: {tasks: {t: []}}}\n---\nhost: x\n"),
              ElementsAre("f.yaml:2:1: a second document: a scenario file is one; remove '---'"));
  EXPECT_THAT(errors_of("---\nusers: {U: {tasks: {t: []}}}\n"), IsEmpty());
}

TEST(YamlTraps, IndicatorsAtTheBeginningOfATextAndTabs) {
  EXPECT_THAT(step_errors("get: /\n          headers: {Accept: */*}"),
              ElementsAre("f.yaml:6:29: unknown alias; quote a text that begins with '*'"));
  EXPECT_THAT(step_errors("set: {a: @b}"),
              ElementsAre("f.yaml:5:20: a text cannot start with '@'; quote it"));
  EXPECT_THAT(errors_of("users:\n\tU: 1\n"),
              ElementsAre("f.yaml:2:3: YAML is indented by spaces, not by tabs"));
  EXPECT_THAT(errors_of("a: !foo b\n"),
              Contains(HasSubstr("f.yaml:1:4: YAML tags such as '!foo'")));
}

TEST(YamlTraps, AnySyntaxErrorHasAPlace) {
  EXPECT_THAT(errors_of("users: {U: \n"), ElementsAre(HasSubstr("f.yaml:2:1: YAML: ")));
  EXPECT_THAT(errors_of("users:\n  - a\n b: 1\n"), ElementsAre(HasSubstr("f.yaml:3:")));
}

TEST(YamlLimits, RefuseAnEmptyAHugeAndABinaryFile) {
  EXPECT_THAT(errors_of(""), ElementsAre("f.yaml: the file is empty"));
  EXPECT_THAT(errors_of("# nothing\n"), ElementsAre("f.yaml: the file is empty"));
  EXPECT_THAT(errors_of(std::string((8U << 20) + 1, ' ')),
              ElementsAre("f.yaml: the file is larger than 8 MiB"));
  EXPECT_THAT(errors_of("a: \xff"), ElementsAre("f.yaml: the file is not UTF-8 text"));
  EXPECT_THAT(errors_of(std::string("a\0b", 3)), ElementsAre("f.yaml: the file is not UTF-8 text"));
}

TEST(YamlLimits, BoundNesting) {
  EXPECT_THAT(errors_of("x-a: " + std::string(63, '[') + std::string(63, ']') + "\n"), IsEmpty());
  EXPECT_THAT(errors_of("x-a: " + std::string(64, '[') + std::string(64, ']') + "\n"),
              ElementsAre("f.yaml:1:69: nested more than 64 levels deep"));
  EXPECT_THAT(errors_of("x-a: " + std::string(1'000'000, '[')),
              ElementsAre(HasSubstr("f.yaml:1:")));
}

TEST(YamlLimits, BoundAliases) {
  std::string bomb = "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += "x-" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", " : "") + below;
    bomb += "]\n";
  }
  EXPECT_THAT(errors_of(bomb),
              ElementsAre(HasSubstr("the aliases of this file expand to more than 100000 nodes")));
  std::string deep = "x-0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) {
    deep += "x-" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_THAT(errors_of(deep), ElementsAre(HasSubstr("nested more than 64 levels deep")));
  EXPECT_THAT(errors_of("x-a: &a [*a]\n"),
              ElementsAre("f.yaml:1:10: an alias inside its own anchor"));
}

}  // namespace
}  // namespace locust
