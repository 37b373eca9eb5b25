// The views of a run: CSV and JSON files, the line of progress, and the loop that feeds them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/stats/csv.h"
#include "master/report/csv_files.h"
#include "master/report/progress.h"
#include "master/report/report_loop.h"
#include "master/report/stats_json.h"
#include "tests/fakes/file_size_limit.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::master {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double kNow = 1'700'000'000;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::int64_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

Snapshot snapshot_of(const RequestStats& stats, double time, std::vector<double> percentiles = {}) {
  Snapshot snapshot{};
  snapshot.time = time;
  snapshot.start_time = kNow;
  snapshot.state = "running";
  snapshot.user_count = 7;
  snapshot.stats = summarize(stats, time, std::move(percentiles));
  return snapshot;
}

class CsvFilesTest : public testing::Test {
 protected:
  CsvFilesTest() {
    stats_.log_request(kNow, "GET", "/a", 10, 100);
    stats_.log_request(kNow + 1, "GET", "/b", 20, 100);
  }
  ~CsvFilesTest() override { std::filesystem::remove_all(folder_); }

  CsvFiles create(bool full_history = false) {
    auto files = CsvFiles::create({.prefix = prefix_, .full_history = full_history});
    EXPECT_TRUE(files) << files.error();
    EXPECT_TRUE(files->begin(snapshot_of(stats_, kNow)));
    return *std::move(files);
  }
  std::string history() const { return content(prefix_ + "_stats_history.csv"); }

  const std::filesystem::path folder_ =
      testing::TempDir() + "locust_report_test_" + std::to_string(::getpid());
  const std::string prefix_ = folder_ / "of" / "folders" / "run";
  RequestStats stats_{kNow};
};

TEST_F(CsvFilesTest, FoldersAreCreatedAndTheFilesAreWrittenAtOnce) {
  create();
  const Snapshot first = snapshot_of(stats_, kNow);
  EXPECT_EQ(content(prefix_ + "_stats.csv"), requests_csv(first.stats));
  EXPECT_EQ(content(prefix_ + "_failures.csv"), failures_csv(first.stats));
  EXPECT_EQ(content(prefix_ + "_exceptions.csv"), exceptions_csv_header());
  EXPECT_THAT(history(), StartsWith(stats_history_csv_header() + "1700000000,7,,Aggregated,"));
  EXPECT_EQ(lines(history()), 2);
}

TEST_F(CsvFilesTest, FilesAreBroughtUpToDateEveryFiveSeconds) {
  CsvFiles files = create();
  stats_.log_request(kNow + 1, "GET", "/c", 20, 100);
  for (int second = 0; second < 4; ++second) files.see(snapshot_of(stats_, kNow + second));
  EXPECT_EQ(lines(history()), 2);
  EXPECT_EQ(lines(content(prefix_ + "_stats.csv")), 4);
  files.see(snapshot_of(stats_, kNow + 4));
  EXPECT_EQ(lines(history()), 6) << "the first second is there once";
  EXPECT_EQ(lines(content(prefix_ + "_stats.csv")), 5);
}

TEST_F(CsvFilesTest, TheEndIsWrittenWithASecondOfItsOwn) {
  CsvFiles files = create(/*full_history=*/true);
  files.see(snapshot_of(stats_, kNow + 1));
  stats_.log_request(kNow + 1, "GET", "/a", 10, 100);
  EXPECT_TRUE(files.finish(snapshot_of(stats_, kNow + 1.5)));
  EXPECT_EQ(lines(history()), 1 + 3 * 3);
  const std::string last = history().substr(history().rfind("\r\n1700000002,") + 2);
  EXPECT_THAT(last, StartsWith("1700000002,7,,Aggregated,"));
  EXPECT_THAT(last, EndsWith(",3,0,10,13.333333333333334,10,20,100.0\r\n"));
  EXPECT_EQ(content(prefix_ + "_stats.csv"), requests_csv(summarize(stats_, kNow + 2)));
  EXPECT_FALSE(std::filesystem::exists(prefix_ + "_stats.csv.tmp"));
}

TEST_F(CsvFilesTest, WhatCannotBeCreatedIsNamed) {
  const auto under_a_file = CsvFiles::create({.prefix = "/dev/null/x/run"});
  ASSERT_FALSE(under_a_file);
  EXPECT_THAT(under_a_file.error(), StartsWith("/dev/null/x: "));
  std::filesystem::create_directories(prefix_ + "_failures.csv");
  auto over_a_folder = CsvFiles::create({.prefix = prefix_});
  ASSERT_TRUE(over_a_folder);
  EXPECT_THAT(over_a_folder->begin(snapshot_of(stats_, kNow)).error(),
              StartsWith(prefix_ + "_failures.csv: "));
}

TEST_F(CsvFilesTest, WhatCouldNotBeWrittenIsTriedAgain) {
  CsvFiles files = create();
  const std::string obstacle = prefix_ + "_failures.csv";
  std::filesystem::remove(obstacle);
  std::filesystem::create_directories(obstacle);
  EXPECT_FALSE(files.finish(snapshot_of(stats_, kNow + 1)));
  std::filesystem::remove(obstacle);
  EXPECT_TRUE(files.finish(snapshot_of(stats_, kNow + 2)));
}

TEST_F(CsvFilesTest, RowsThatNoDiskTookForLongAreMissed) {
  std::filesystem::create_directories(folder_ / "of" / "folders");
  std::filesystem::create_symlink("/dev/full", prefix_ + "_stats_history.csv");
  auto full = CsvFiles::create({.prefix = prefix_});
  ASSERT_TRUE(full);
  EXPECT_THAT(full->begin(snapshot_of(stats_, kNow)).error(), EndsWith("No space left on device"));
  std::filesystem::remove(prefix_ + "_stats_history.csv");

  CsvFiles files = create(/*full_history=*/true);
  for (int i = 0; i < 2'000; ++i) {
    stats_.log_request(kNow + 1, "GET", "/a/long/name/that/fills/the/memory/" + std::to_string(i),
                       1, 1);
  }
  {
    const fakes::FileSizeLimit limit(0);
    for (int second = 1; second <= 30; ++second) files.see(snapshot_of(stats_, kNow + second));
  }
  const std::string before = history();
  EXPECT_EQ(lines(before), 4) << "whole lines";
  EXPECT_FALSE(files.finish(snapshot_of(stats_, kNow + 31))) << "rows were left out";
  EXPECT_GT(lines(history()), 2'000) << "it goes on where there is room";
}

TEST_F(CsvFilesTest, TextsThatAreFormulasCanBeMadeHarmless) {
  stats_.log_request(kNow + 1, "GET", "=1+1", 10, 100);
  stats_.log_error(kNow + 1, "GET", "@x", "-2+3");
  const Snapshot now = snapshot_of(stats_, kNow + 1);
  auto files =
      CsvFiles::create({.prefix = prefix_, .full_history = true, .cells = CsvCells::kSafe});
  ASSERT_TRUE(files);
  ASSERT_TRUE(files->begin(now));
  EXPECT_THAT(content(prefix_ + "_stats.csv"), HasSubstr("\r\nGET,'=1+1,"));
  EXPECT_THAT(content(prefix_ + "_failures.csv"), HasSubstr("\r\nGET,'@x,'-2+3,"));
  EXPECT_THAT(history(), HasSubstr(",GET,'=1+1,"));
}

TEST(CsvHistory, PercentilesAreOfTheLastTenSecondsOnlyInAFullHistory) {
  RequestStats stats(kNow);
  stats.log_request(kNow, "GET", "/", 500, 1);
  for (int second = 1; second <= 30; ++second) stats.log_request(kNow + second, "GET", "/", 10, 1);
  const StatsSummary summary = summarize(stats, kNow + 31);
  const HistoryMoment moment{.second = 1'700'000'031, .user_count = 3};
  const std::string total = "1700000031,3,,Aggregated,1.000000,0.000000,";
  EXPECT_EQ(
      stats_history_csv_rows(summary, moment, false),
      total + "10,10,10,10,10,10,500,500,500,500,500,31,0,10,25.806451612903224,10,500,1.0\r\n");
  const std::string numbers =
      "10,10,10,10,10,10,10,10,10,10,10,31,0,10,25.806451612903224,10,500,1.0\r\n";
  EXPECT_EQ(stats_history_csv_rows(summary, moment, true),
            "1700000031,3,GET,/,1.000000,0.000000," + numbers + total + numbers);
}

TEST(StatsJson, HasStocksFieldsAndLayout) {
  RequestStats stats(kNow);
  stats.log_request(kNow + 1, "GET", "/\xc3\xa9", 1150.5, 10);
  stats.log_request(kNow + 1, "GET", "/\xc3\xa9", 20, 10);
  stats.log_request(kNow + 1, "GET", "/reset", 20, 10);
  EXPECT_EQ(stats_json(RequestStats(kNow)), "[]");
  const std::string text = stats_json(stats);
  EXPECT_THAT(
      text, StartsWith("[\n    {\n        \"name\": \"/\\u00e9\",\n        \"method\": \"GET\","));
  const auto entries = nlohmann::json::parse(text);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0], nlohmann::json::parse(R"({
      "name": "/é", "method": "GET", "last_request_timestamp": 1700000001.0,
      "start_time": 1700000001.0, "num_requests": 2, "num_none_requests": 0, "num_failures": 0,
      "total_response_time": 1170.5, "max_response_time": 1150.5, "min_response_time": 20,
      "total_content_length": 20, "response_times": {"20": 1, "1200": 1},
      "num_reqs_per_sec": {"1700000001": 2}, "num_fail_per_sec": {}})"));
}

TEST(Progress, TellsOfTheLastTenSeconds) {
  RequestStats stats(kNow);
  stats.log_request(kNow, "GET", "/", 500, 1);
  stats.log_error(kNow, "GET", "/", "boom");
  for (int second = 1; second <= 30; ++second) {
    stats.log_request(kNow + second, "GET", "/", 12, 1);
    stats.log_request(kNow + second, "GET", "/", 56, 1);
  }
  Snapshot snapshot = snapshot_of(stats, kNow + 31, {0.5, 0.999});
  EXPECT_EQ(progress_line(snapshot, std::nullopt),
            "0:31  7 users  2.0 req/s  0.0 failures/s (1.64%)  p50 56 ms  p99.9 56 ms");
  snapshot.stats.total.chosen = {{0, 0.184}, {0, 4}};
  EXPECT_THAT(progress_line(snapshot, std::nullopt), EndsWith("p50 0.18 ms  p99.9 4 ms"));
  snapshot.state = "spawning";
  snapshot.time += 4000;
  snapshot.stats = summarize(stats, snapshot.time, {0.95});
  EXPECT_EQ(progress_line(snapshot, std::chrono::minutes(90)),
            "1:07:11/1:30:00  7 users (spawning)  2.0 req/s  0.0 failures/s (1.64%)  p95 -");
}

TEST(ReportLoop, ShowsTheSameSnapshotToAllViewsOnceASecond) {
  fakes::SimulatedLoop loop;
  int taken = 0;
  ReportLoop reports(loop, [&] {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->user_count = ++taken;
    return snapshot;
  });
  std::vector<const Snapshot*> first;
  std::vector<const Snapshot*> second;
  reports.add([&](const SnapshotPtr& snapshot) { first.push_back(snapshot.get()); });
  reports.add([&](const SnapshotPtr& snapshot) { second.push_back(snapshot.get()); });
  reports.start();
  EXPECT_EQ(taken, 1);
  loop.advance(milliseconds(3500));
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(first, second);
  reports.stop();
  loop.advance(seconds(5));
  EXPECT_EQ(taken, 4);
}

}  // namespace
}  // namespace locust::master
