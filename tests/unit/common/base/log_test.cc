#include "common/base/log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "common/base/mask.h"
#include "tests/fakes/file_size_limit.h"

namespace locust {
namespace {

TEST(Log, LinesOfAFileHaveStocksFormatAndLevels) {
  const std::string path =
      testing::TempDir() + "locust_log_test_" + std::to_string(::getpid()) + ".log";
  ASSERT_TRUE(log::setup({.level = "info", .remember = true, .logfile = path}));
  log::main().info("Starting Locust {}", 1);
  log::runners().warn("careful");
  log::user().debug("not shown");
  log::shutdown();

  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::remove(path.c_str());
  const std::regex expected(
      R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [^ /]+/INFO/locust\.main: Starting Locust 1\n)"
      R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [^ /]+/WARNING/locust\.runners: careful\n)");
  EXPECT_TRUE(std::regex_match(text.str(), expected)) << text.str();
  const std::vector<std::string> remembered = log::remembered().lines;
  EXPECT_EQ(log::remembered_total(), 2U);
  ASSERT_EQ(remembered.size(), 2U);
  EXPECT_EQ(remembered[0] + "\n" + remembered[1] + "\n", text.str());
}

TEST(Log, LinesAreMaskedBeforeAnybodyHasThem) {
  ASSERT_TRUE(log::setup({.remember = true, .logfile = "/dev/null"}));
  add_secrets({"plugh-in-log"});
  log::main().info("GET /?token=abc of {}", "plugh-in-log");
  log::write("shop", spdlog::level::info, "json {\"password\": \"abc\"}");
  log::shutdown();
  const std::vector<std::string> lines = log::remembered().lines;
  ASSERT_GE(lines.size(), 2U);
  EXPECT_TRUE(lines[lines.size() - 2].ends_with(": GET /?token=*** of ***")) << lines.front();
  EXPECT_TRUE(lines.back().ends_with("shop: json {\"password\": \"***\"}")) << lines.back();
}

TEST(Log, OfALongLineTheBeginIsRemembered) {
  ASSERT_TRUE(log::setup({.remember = true, .logfile = "/dev/null"}));
  log::main().info("begin {}", std::string(2 * log::kMaxRememberedBytes, 'x'));
  log::shutdown();
  EXPECT_LE(log::remembered().lines.back().size(), log::kMaxRememberedBytes);
  EXPECT_NE(log::remembered().lines.back().find(": begin x"), std::string::npos);
}

TEST(Log, WhatALineSaysDoesNotSteerTheTerminal) {
  const std::string path =
      testing::TempDir() + "locust_log_steer_" + std::to_string(::getpid()) + ".log";
  ASSERT_TRUE(log::setup({.remember = true, .logfile = path}));
  log::runners().info("Worker {}", "\x1b[2J\rw");
  log::write("user\x1b", spdlog::level::info, "first\n\tsecond\x07");
  EXPECT_TRUE(log::shutdown());
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::remove(path.c_str());
  EXPECT_NE(text.str().find("Worker \\x1b[2J\\x0dw\n"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("user\\x1b: first\n\tsecond\\x07\n"), std::string::npos);
  const std::vector<std::string> remembered = log::remembered().lines;
  EXPECT_NE(remembered.at(remembered.size() - 2).find("\\x1b[2J"), std::string::npos);
}

TEST(Log, AFullDiskTearsNoLineAndIsSaidAtTheEnd) {
  const std::string path =
      testing::TempDir() + "locust_log_full_" + std::to_string(::getpid()) + ".log";
  std::ofstream(path) << std::string(100, '-') << '\n';
  {
    const fakes::FileSizeLimit limit(120);
    ASSERT_TRUE(log::setup({.logfile = path}));
    log::main().info("does not fit");
    testing::internal::CaptureStderr();
    EXPECT_FALSE(log::shutdown());
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "--logfile: " + path +
                ": the limit of file sizes is reached (ulimit -f); a line was left out\n");
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), std::string(100, '-') + "\n");
  ASSERT_TRUE(log::setup({.logfile = path}));
  log::main().info("fits");
  EXPECT_TRUE(log::shutdown());
  EXPECT_GT(std::filesystem::file_size(path), 101U);
  std::remove(path.c_str());
}

TEST(Log, AnUnknownLevelOrAnUnwritableFileIsAnError) {
  EXPECT_FALSE(log::setup({.level = "LOUD", .logfile = {}}));
  EXPECT_FALSE(log::setup({.level = "INFO", .logfile = "/dev/null/x.log"}));
}

}  // namespace
}  // namespace locust
