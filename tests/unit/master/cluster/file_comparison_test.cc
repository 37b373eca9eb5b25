// Workers whose tests are made of other files: what is said of them, and when.
#include "master/cluster/file_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "common/base/log.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

FileDigests shop_files(const std::string& scenario, const std::string& users) {
  return {{"shop.yaml", scenario}, {"users.csv", users}};
}
const std::string kSame(kFileDigestBytes, 's');
const std::string kOther(kFileDigestBytes, 'o');

class FileComparisonTest : public HeadlessTest {
 protected:
  FileComparisonTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~FileComparisonTest() override { log::capture(nullptr); }

  void join_with(const std::string& id, FileDigests worker_files) {
    master();
    join(id, {.files = std::move(worker_files)});
  }
  // A test of 30 s, begun when `expected` workers are there.
  void begin_test(std::size_t expected) {
    begin({.users = 2,
           .run_time = seconds(30),
           .expect_workers = expected,
           .exit_rules = {.fail_on_invalid = true}});
    loop_.advance(seconds(5));
  }
  void end_test() { loop_.advance(seconds(60)); }
  std::vector<std::string> warnings() const {
    std::vector<std::string> lines;
    std::istringstream text(log_.str());
    for (std::string line; std::getline(text, line);) {
      const auto at = line.find(" worker(s) have different files from");
      if (at != std::string::npos) lines.push_back(line.substr(line.rfind(' ', at - 1) + 1));
    }
    return lines;
  }

  std::ostringstream log_;
};

TEST_F(FileComparisonTest, EqualWorkersAndStockWorkersAreNotWorthALine) {
  join_with("w1", shop_files(kSame, kSame));
  join_with("w2", shop_files(kSame, kSame));
  join("stock");
  begin_test(3);
  end_test();
  EXPECT_THAT(warnings(), IsEmpty());
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(FileComparisonTest, WorkersThatDifferFromMostAreNamedOnceAndMakeTheTestInvalid) {
  join_with("w1", shop_files(kSame, kOther));
  join_with("w2", shop_files(kSame, kSame));
  join_with("w3", shop_files(kSame, kSame));
  join_with("w4", shop_files(kOther, kOther));
  begin_test(4);
  const std::string line =
      "2 worker(s) have different files from the rest, so their users may behave differently: w1 "
      "(users.csv), w4 (shop.yaml, users.csv)";
  EXPECT_THAT(warnings(), ElementsAre(line));
  end_test();
  EXPECT_THAT(warnings(), ElementsAre(line, line)) << "once more as a reason of the exit code";
  EXPECT_EQ(exit_codes_, std::vector<int>{kExitInvalid});
}

TEST_F(FileComparisonTest, TheMastersOwnFilesAreWhatWorkersAreComparedWith) {
  make_master({.files = shop_files(kSame, "")});
  join_with("w1", shop_files(kOther, kOther));
  join_with("w2", shop_files(kSame, kOther));
  begin_test(2);
  EXPECT_THAT(warnings(),
              ElementsAre("1 worker(s) have different files from this master, so their users may "
                          "behave differently: w1 (shop.yaml)"))
      << "a feeder that this master does not have is not compared";
}

TEST_F(FileComparisonTest, AWorkerThatJoinsTheTestIsComparedToo) {
  join_with("w1", shop_files(kSame, kSame));
  begin_test(1);
  join_with("w2", shop_files(kSame, kSame));
  loop_.advance(seconds(5));
  EXPECT_THAT(warnings(), IsEmpty());
  join_with("w3", shop_files(kSame, kOther));
  loop_.advance(seconds(10));
  EXPECT_EQ(warnings().size(), 1U) << "not once per report";
  end_test();
  EXPECT_EQ(exit_codes_, std::vector<int>{kExitInvalid});
}

TEST(FileComparison, ManyKindsAndManyWorkersCostBoundedMemory) {
  FileComparison comparison(FileDigests{});
  std::vector<std::shared_ptr<const FileDigests>> kept;
  const auto keep = [&](std::size_t kind) {
    kept.push_back(comparison.keep({{"a", std::to_string(kind)}}));
    return kept.back();
  };
  for (std::size_t i = 0; i < FileComparison::kMaxKinds; ++i) EXPECT_NE(keep(i), nullptr);
  EXPECT_EQ(keep(FileComparison::kMaxKinds), nullptr);
  EXPECT_EQ(keep(3), kept[3]) << "what is known is shared";
  kept.clear();
  EXPECT_NE(keep(FileComparison::kMaxKinds), nullptr) << "what nobody has any more makes room";

  const auto same = keep(0);
  const auto other = keep(1);
  comparison.begin_test({});
  WorkerNode first("first", 0);
  first.files = same;
  EXPECT_FALSE(comparison.add(first));
  for (std::size_t i = 0; i < FileComparison::kMaxKept + 10; ++i) {
    WorkerNode worker("w" + std::to_string(i), 1);
    worker.files = other;
    EXPECT_TRUE(comparison.add(worker));
    if (i == 0) {
      EXPECT_FALSE(comparison.add(worker));
    }
  }
  EXPECT_EQ(comparison.count(), FileComparison::kMaxKept + 10);
  EXPECT_THAT(comparison.to_text(), testing::EndsWith("w19 (a), and 990 more"));
}

TEST(FileComparison, NamesOfFilesCannotSteerATerminalAndAreAFewAtMost) {
  FileDigests many;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) many.push_back({name, "1"});
  FileComparison comparison(FileDigests{{"\x1b[2J", "2"}});
  WorkerNode worker("w1", 0);
  worker.files = comparison.keep(many);
  comparison.begin_test({&worker});
  EXPECT_THAT(comparison.to_text(), testing::EndsWith("w1 (\\x1b[2J, a, b, c, d, and 3 more)"));
}

}  // namespace
}  // namespace locust::master
