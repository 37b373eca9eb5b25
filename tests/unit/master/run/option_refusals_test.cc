// Which options cannot be combined.
#include "master/run/option_refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace locust::master {
namespace {

using ::testing::StartsWith;

class OptionRefusalsTest : public ::testing::Test {
 protected:
  std::string message() const {
    const auto refused = refusal(options_);
    return refused ? refused->message : "";
  }
  int exit_code() const { return refusal(options_)->exit_code; }

  MasterOptions options_;
};

TEST_F(OptionRefusalsTest, WhatIsGivenByDefaultFits) { EXPECT_EQ(message(), ""); }

TEST_F(OptionRefusalsTest, AMasterHasNoMasterToLoadItsTestFrom) {
  options_.common.locustfile = "-";
  EXPECT_THAT(message(), StartsWith("locustfile was set to '-'"));
  EXPECT_EQ(exit_code(), 1);
}

TEST_F(OptionRefusalsTest, AutoquitNeedsAutostart) {
  options_.autoquit = 0;
  EXPECT_THAT(message(), StartsWith("--autoquit is only meaningful"));
  EXPECT_EQ(exit_code(), 1);
  options_.autostart = true;
  EXPECT_EQ(message(), "");
}

TEST_F(OptionRefusalsTest, AMasterIsNoWorker) {
  options_.worker_mode = true;
  EXPECT_THAT(message(), StartsWith("The --master argument cannot be combined with --worker"));
  EXPECT_EQ(exit_code(), 255);
}

TEST_F(OptionRefusalsTest, ProcessesAreOfARunWithoutAMasterOfItsOwn) {
  options_.processes = 2;
  EXPECT_EQ(message(), "");
  options_.master_mode = true;
  EXPECT_THAT(message(), StartsWith("--processes starts workers beside the master"));
  EXPECT_EQ(exit_code(), 1);
}

TEST_F(OptionRefusalsTest, TheBasePathOfThePageBeginsWithASlash) {
  options_.web.base_path = "/load";
  EXPECT_EQ(message(), "");
  options_.web.base_path = "load";
  EXPECT_THAT(message(), StartsWith("Invalid format for --web-base-path argument (load)"));
  EXPECT_EQ(exit_code(), 1);
}

}  // namespace
}  // namespace locust::master
