// The master's command line.
#include "master/run/master_options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace locust::master {
namespace {

// Each test runs in a folder of its own, where nobody's configuration is.
class MasterOptionsTest : public testing::Test {
 protected:
  MasterOptionsTest() {
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
    ::setenv("HOME", folder_.c_str(), 1);
  }
  ~MasterOptionsTest() override {
    ::unsetenv("LOCUST_LOCUSTFILE");
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  static std::optional<std::string> locustfile(std::vector<const char*> line) {
    line.insert(line.begin(), "locust-master");
    return find_locustfile(static_cast<int>(line.size()), line.data()).file;
  }
  ParseOutcome parse(std::vector<const char*> line) {
    line.insert(line.begin(), "locust-master");
    return parse_master_options(static_cast<int>(line.size()), line.data(), {}, options_);
  }
  static void write(const char* name, const char* text) { std::ofstream(name) << text; }

  const std::filesystem::path before_ = std::filesystem::current_path();
  const std::string folder_ =
      testing::TempDir() + "master_options_test." + std::to_string(::getpid());
  MasterOptions options_;
};

TEST_F(MasterOptionsTest, TheLocustfileIsFoundBeforeTheLineIsParsed) {
  EXPECT_EQ(locustfile({}), std::nullopt);
  EXPECT_EQ(locustfile({"-f", "a.yaml", "--tenant", "x"}), "a.yaml");
  EXPECT_EQ(locustfile({"-fa.yaml"}), "a.yaml");
  EXPECT_EQ(locustfile({"--locustfile=a.yaml", "--locustfile", "b.yaml"}), "b.yaml");
  write("locust.conf", "locustfile = c.yaml\n");
  EXPECT_EQ(locustfile({}), "c.yaml");
  ::setenv("LOCUST_LOCUSTFILE", "e.yaml", 1);
  EXPECT_EQ(locustfile({"-u", "1"}), "e.yaml");
  EXPECT_EQ(locustfile({"-f", "a.yaml"}), "a.yaml");
}

TEST_F(MasterOptionsTest, TheDefaultFileIsReadWhereWorkersAreStartedToo) {
  EXPECT_EQ(locustfile({"--processes", "2"}), std::nullopt);
  write("locustfile.yaml", "users:\n");
  EXPECT_EQ(locustfile({"--processes", "2"}), "locustfile.yaml");
  EXPECT_EQ(locustfile({"--processes", "2", "-f", "a.yaml"}), "a.yaml");
  EXPECT_EQ(locustfile({}), std::nullopt);
  ASSERT_TRUE(parse({"--processes", "-1"}).proceed);
  EXPECT_EQ(options_.common.locustfile, "locustfile.yaml");
}

TEST_F(MasterOptionsTest, AMasterByStocksOptionReadsTheDefaultFileAsStockDoes) {
  ASSERT_TRUE(parse({"--master"}).proceed);
  EXPECT_EQ(options_.common.locustfile, std::nullopt);  // the workers bring the classes
  write("locustfile.py", "");
  EXPECT_EQ(locustfile({"--master", "--expect-workers=2"}), "locustfile.py");
  EXPECT_EQ(locustfile({"--expect-workers=2"}), std::nullopt);
  write("locust.conf", "master = true\n");
  EXPECT_EQ(locustfile({}), "locustfile.py");
  ASSERT_TRUE(parse({}).proceed);
  EXPECT_EQ(options_.common.locustfile, "locustfile.py");
  EXPECT_EQ(locustfile({"-f", "a.yaml"}), "a.yaml");
}

TEST_F(MasterOptionsTest, WorkersAreToldWhatTheLineSaysAndNotTheFiles) {
  write("locust.conf", "host = http://a\nprocesses = 3\n");
  ASSERT_TRUE(parse({"--headless", "Shop", "-u", "5", "-Tread"}).proceed);
  EXPECT_EQ(options_.processes, 3);
  EXPECT_EQ(options_.user_classes, std::vector<std::string>{"Shop"});
  EXPECT_EQ(options_.arguments_of_worker, (std::vector<std::string>{"--users=5", "--tags=read"}));
}

TEST_F(MasterOptionsTest, NumbersThatMeanNothingAreUsageErrorsThatNameTheOption) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--users", "-5"},
      {"--users", "1.5"},
      {"--users", "10000001"},
      {"--spawn-rate", "0"},
      {"--spawn-rate", "-1"},
      {"--spawn-rate", "nan"},
      {"--spawn-rate", "inf"},
      {"--spawn-rate", "2x"},
      {"--run-time", "-5"},
      {"--run-time", "soon"},
      {"--iterations", "0"},
      {"--expect-workers", "0"},
      {"--expect-workers-max-wait", "-1"},
      {"--stop-timeout", "1.5"},
      {"--master-bind-port", "70000"},
      {"--percentiles", "101"},
      {"--check-rps", "nan"},
      {"--check-fail-ratio", "2"},
      {"--exit-code-on-error", "256"},
      {"--on-worker-loss", "pray"}};
  for (const auto& [name, value] : wrong) {
    options_ = {};
    const std::string argument = name + "=" + value;
    const ParseOutcome outcome = parse({argument.c_str()});
    EXPECT_FALSE(outcome.proceed) << argument;
    EXPECT_EQ(outcome.exit_code, 2) << argument;
    EXPECT_NE(outcome.text.find(name), std::string::npos) << outcome.text;
    EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
  }
}

TEST_F(MasterOptionsTest, UserClassesMayFollowOptionsThatMayBeRepeated) {
  ASSERT_TRUE(parse({"--threshold", "p95 < 500ms", "--threshold=fail_ratio < 1%", "Shop",
                     "--web-allowed-hosts", "a.example", "Admin"})
                  .proceed);
  EXPECT_EQ(options_.verdicts.thresholds,
            (std::vector<std::string>{"p95 < 500ms", "fail_ratio < 1%"}));
  EXPECT_EQ(options_.web.allowed_hosts, std::vector<std::string>{"a.example"});
  EXPECT_EQ(options_.user_classes, (std::vector<std::string>{"Shop", "Admin"}));
}

TEST_F(MasterOptionsTest, WhatAWorkerDoesAloneIsNotTheMastersBusiness) {
  ASSERT_TRUE(parse({"--dry-run", "-f", "a.yaml"}).proceed);
  EXPECT_TRUE(options_.describe);
}

}  // namespace
}  // namespace locust::master
