#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "deploy/package/manual/program_manual.h"

namespace locust::manual {
namespace {

using testing::HasSubstr;
using testing::Not;

const ProgramManual& manual_of(std::string_view name) {
  for (const ProgramManual& program : program_manuals()) {
    if (program.name == name) return program;
  }
  throw std::logic_error("no such program");
}

TEST(Manual, AProgramShowsTheOptionsThatItHeedsAndThoseWithoutEffect) {
  const std::string master = fish_completion(manual_of("locust-master"));
  EXPECT_THAT(master, HasSubstr(" -l expect-workers "));
  EXPECT_THAT(master, HasSubstr(" -l otel "));
  EXPECT_THAT(master, Not(HasSubstr(" -l samples ")));
  EXPECT_THAT(master, Not(HasSubstr(" -l web-auth ")));  // refused
  EXPECT_THAT(fish_completion(manual_of("locust-worker")), HasSubstr(" -l samples "));
}

TEST(Manual, AManualPageHasNamesMetavarHelpAndEnvironment) {
  EXPECT_THAT(
      man_page(manual_of("locust-master")),
      HasSubstr(".TP\n\\fB\\-r\\fR, \\fB\\-\\-spawn\\-rate\\fR \\fIfloat\\fR\nRate to spawn "
                "users at (users per second).\nEnvironment variable: "
                "\\fBLOCUST_SPAWN_RATE\\fR.\n"));
}

TEST(Manual, WhatRoffWouldTakeForARequestIsEscaped) {
  for (const ProgramManual& program : program_manuals()) {
    EXPECT_THAT(man_page(program), Not(HasSubstr("\n'")));
  }
  EXPECT_THAT(man_page(manual_of("locust-master")), HasSubstr("\\(aqp95 < 500ms\\(aq"));
}

TEST(Manual, TheShortHelpIsTheFirstSentence) {
  EXPECT_EQ(short_help(option_spec("--run-time")), "Stop after the specified amount of time");
  EXPECT_EQ(short_help(option_spec("--spawn-rate")), "Rate to spawn users at");
}

TEST(Manual, WhatFollowsAnOptionIsAChoiceAFileAFolderOrAText) {
  EXPECT_EQ(value_of(option_spec("--headless")), Value::kNone);
  EXPECT_EQ(value_of(option_spec("--users")), Value::kText);
  EXPECT_EQ(value_of(option_spec("--on-worker-loss")), Value::kChoice);
  EXPECT_EQ(value_of(option_spec("--locustfile")), Value::kFile);
  EXPECT_EQ(value_of(option_spec("--compare")), Value::kFile);
  EXPECT_EQ(value_of(option_spec("--python-home")), Value::kFolder);
}

// In a real bash: what it offers for the words of a command line, of which the last is unfinished.
class BashCompletionTest : public testing::Test {
 protected:
  std::string offered(const std::string& words) {
    const std::string file =
        testing::TempDir() + "locust_manual_test_" + std::to_string(::getpid()) + ".bash";
    std::ofstream(file) << bash_completion(manual_of("locust-master"))
                        << "compopt() { :; }\nCOMP_WORDS=(" << words
                        << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_locust_master\n"
                        << "echo \"${COMPREPLY[*]}\"\n";
    const std::unique_ptr<FILE, int (*)(FILE*)> bash(::popen(("bash " + file).c_str(), "r"),
                                                     &::pclose);
    std::string output;
    for (int c = 0; (c = std::fgetc(bash.get())) != EOF;) output += static_cast<char>(c);
    std::filesystem::remove(file);
    return output;
  }
};

TEST_F(BashCompletionTest, NamesOfOptionsAreCompleted) {
  EXPECT_EQ(offered("locust-master --expect"), "--expect-workers --expect-workers-max-wait\n");
}

TEST_F(BashCompletionTest, ValuesAreCompletedBehindABlankAndAnEqualSign) {
  EXPECT_EQ(offered("locust-master --on-worker-loss re"), "rebalance\n");
  EXPECT_EQ(offered("locust-master --on-worker-loss = re"), "rebalance\n");
  EXPECT_EQ(offered("locust-master --on-worker-loss ="), "continue rebalance fail\n");
}

TEST_F(BashCompletionTest, NothingIsOfferedWhereANumberIsExpected) {
  EXPECT_EQ(offered("locust-master --users ''"), "\n");
}

}  // namespace
}  // namespace locust::manual
