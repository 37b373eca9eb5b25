// What decides the exit code, and what CI systems are told of it.
#include "master/report/run_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <string>

#include "master/report/junit.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;

Verdict verdict(const std::string& text, bool holds, double value) {
  return {parse_thresholds(text).thresholds.at(0), holds, value};
}

TEST(ExitCode, WithoutThresholdsErrorsDecide) {
  EXPECT_EQ(exit_code({}, {}), 0);
  EXPECT_EQ(exit_code({.has_errors = true}, {}), 1);
  EXPECT_EQ(exit_code({.has_errors = true}, {.exit_code_on_error = 7}), 7);
  EXPECT_EQ(exit_code({.has_errors = true}, {.exit_code_on_error = 0}), 0);
}

TEST(ExitCode, ARunWhoseWorkerCouldNotStopItsUsersIsNeverGreen) {
  EXPECT_EQ(exit_code({.is_unfinished = true}, {}), kExitUnfinished);
  EXPECT_EQ(exit_code({.has_errors = true, .is_unfinished = true}, {.exit_code_on_error = 0}),
            kExitUnfinished);
  EXPECT_EQ(exit_code({.forced_exit_code = 0, .is_unfinished = true}, {}), kExitUnfinished);
  EXPECT_EQ(exit_code({.forced_exit_code = 7, .is_unfinished = true}, {}), 7);
  EXPECT_EQ(
      exit_code({.invalid_reasons = {"lost"}, .is_unfinished = true}, {.fail_on_invalid = true}),
      kExitInvalid);
}

TEST(ExitCode, WithThresholdsErrorsCountOnlyIfTheirCodeIsGiven) {
  const RunResult good{.verdicts = {verdict("rps > 1", true, 2)}, .has_errors = true};
  EXPECT_EQ(exit_code(good, {}), 0);
  EXPECT_EQ(exit_code(good, {.exit_code_on_error = 7}), 7);
  const RunResult bad{.verdicts = {verdict("rps > 1", true, 2), verdict("rps > 3", false, 2)}};
  EXPECT_EQ(exit_code(bad, {}), 1);
  EXPECT_EQ(exit_code(bad, {.exit_code_on_error = 7}), 1);
}

TEST(ExitCode, ChecksFailWithThreeAndTheFailRatioReplacesErrors) {
  const RunResult failed{.checks = {{true, "a"}, {false, "b"}}, .has_errors = true};
  EXPECT_EQ(exit_code(failed, {}), 3);
  const RunResult passed{.checks = {{true, "a"}}, .has_errors = true};
  EXPECT_EQ(exit_code(passed, {}), 1);
  EXPECT_EQ(exit_code(passed, {.ignore_errors = true}), 0);
}

TEST(ExitCode, AnInvalidRunFailsOnlyIfAsked) {
  const RunResult invalid{.invalid_reasons = {"a worker was lost"},
                          .verdicts = {verdict("rps > 3", false, 2)}};
  EXPECT_EQ(exit_code(invalid, {}), 1);
  EXPECT_EQ(exit_code(invalid, {.fail_on_invalid = true}), 3);
  EXPECT_EQ(exit_code({.forced_exit_code = 1, .invalid_reasons = {"x"}}, {.fail_on_invalid = true}),
            1);
}

TEST(Checks, AreThoseOfLocustPlugins) {
  RequestStats stats(1000);
  stats.log_request(1010, "GET", "/", Number(100), 1);
  stats.log_request(1020, "GET", "/", Number(201), 1);
  stats.log_error(1020, "GET", "/", "bad");
  const auto texts = [&](const CheckOptions& options) {
    std::vector<std::string> result;
    for (const CheckResult& check : run_checks(options, stats.total())) {
      result.push_back((check.passed ? "ok: " : "failed: ") + check.text);
    }
    return result;
  };
  EXPECT_THAT(texts({}), ::testing::IsEmpty());
  EXPECT_THAT(texts({.fail_ratio = 0.5, .avg_response_time = 150.5, .rps = 0.1}),
              ElementsAre("ok: fail ratio was 50.00% (threshold 50.00%)",
                          "ok: total rps was 0.1 (threshold 0.1)",
                          "ok: avg response time was 150.5 (threshold 150.5)"));
  EXPECT_THAT(texts({.fail_ratio = 0.49, .avg_response_time = 150, .rps = 0.2}),
              ElementsAre("failed: fail ratio was 50.00% (threshold 49.00%)",
                          "failed: total rps was 0.1 (threshold 0.2)",
                          "failed: avg response time was 150.5 (threshold 150.0)"));
}

pugi::xml_document parsed(const std::string& xml) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(xml.c_str())) << xml;
  return document;
}

TEST(Junit, HasACaseForEachThresholdCheckAndRule) {
  const RunResult result{.invalid_reasons = {"1 worker(s) were lost"},
                         .checks = {{false, "fail ratio was 2.00% (threshold 1.00%)"}},
                         .verdicts = {verdict("GET /a?x=1&y=<2>: p95 < 500ms", true, 420),
                                      verdict("rps > 20", false, 5)}};
  const auto document = parsed(junit_xml(result, {.fail_on_invalid = true}, 1'700'205'099));
  const auto suites = document.child("testsuites");
  const auto thresholds = suites.find_child_by_attribute("name", "thresholds");
  EXPECT_EQ(thresholds.attribute("tests").as_int(), 2);
  EXPECT_EQ(thresholds.attribute("failures").as_int(), 1);
  EXPECT_EQ(thresholds.attribute("errors").as_int(), 0);
  EXPECT_STREQ(thresholds.attribute("timestamp").value(), "2023-11-17T07:11:39");
  const auto first = thresholds.child("testcase");
  EXPECT_STREQ(first.attribute("name").value(), "GET /a?x=1&y=<2>: p95 < 500ms");
  EXPECT_STREQ(first.attribute("classname").value(), "locust.thresholds");
  EXPECT_STREQ(first.child("system-out").text().get(), "measured 420 ms, margin +16.0%");
  EXPECT_STREQ(first.next_sibling().child("failure").attribute("message").value(),
               "measured 5.00/s, margin -75.0%");
  const auto checks = suites.find_child_by_attribute("name", "checks").child("testcase");
  EXPECT_STREQ(checks.attribute("name").value(), "fail ratio");
  EXPECT_TRUE(checks.child("failure"));
  const auto run = suites.find_child_by_attribute("name", "run");
  EXPECT_EQ(run.attribute("tests").as_int(), 1);  // errors decide nothing beside thresholds
  EXPECT_EQ(run.attribute("errors").as_int(), 1);
  EXPECT_STREQ(run.child("testcase").child("error").attribute("message").value(),
               "1 worker(s) were lost");
}

TEST(Junit, WithoutThresholdsErrorsAreTheCase) {
  const auto document = parsed(junit_xml({.has_errors = true}, {}, 1'700'205'099));
  const auto suites = document.child("testsuites");
  EXPECT_FALSE(suites.find_child_by_attribute("name", "thresholds"));
  const auto run = suites.find_child_by_attribute("name", "run");
  EXPECT_EQ(run.attribute("tests").as_int(), 2);
  EXPECT_EQ(run.attribute("failures").as_int(), 1);
}

TEST(Junit, NamesThatXmlCannotHoldAreWrittenSo) {
  const auto document =
      parsed(junit_xml({.verdicts = {verdict("GET /\x01\xff: rps > 1", true, 2)}}, {}, 0));
  EXPECT_STREQ(
      document.child("testsuites").child("testsuite").child("testcase").attribute("name").value(),
      "GET /\\x01\xEF\xBF\xBD: rps > 1");
}

}  // namespace
}  // namespace locust::master
