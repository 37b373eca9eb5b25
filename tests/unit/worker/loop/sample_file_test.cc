#include "worker/loop/sample_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "common/base/file_descriptor.h"
#include "common/base/log.h"
#include "common/base/mask.h"
#include "tests/fakes/file_size_limit.h"

namespace locust::worker {
namespace {

class SampleFileTest : public ::testing::Test {
 protected:
  ~SampleFileTest() override { std::filesystem::remove(path_); }

  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  const std::string path_ = testing::TempDir() + "samples_" + std::to_string(::getpid()) + ".csv";
};

TEST_F(SampleFileTest, MasksWhatWasDeclaredASecretInNames) {
  add_secrets({"plugh-of-samples"});
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file) << file.error();
  (*file)->add({.type = "GET", .name = "/plugh-of-samples?token=a"});
  file->reset();
  EXPECT_THAT(content(), testing::HasSubstr(",GET,/***?token=a,"));
}

TEST_F(SampleFileTest, HasALineForEachRequest) {
  std::ofstream(path_) << "of an earlier run";
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file) << file.error();
  (*file)->add({.time = 1700000000.25,
                .type = "GET",
                .name = "/items/[id]",
                .response_time_ms = 12.3456,
                .response_length = 200,
                .status = 200,
                .error = "",
                .user_class = "Shop",
                .user_id = 7});
  (*file)->add({.time = 1700000001,
                .type = "POST",
                .name = "/a,b",
                .response_time_ms = 0.5,
                .response_length = 0,
                .status = 0,
                .error = "say \"x\"",
                .user_class = "Admin",
                .user_id = 8});
  file->reset();
  EXPECT_EQ(content(),
            "time,type,name,ms,bytes,status,error,user\r\n"
            "1700000000.250000,GET,/items/[id],12.346,200,200,,Shop:7\r\n"
            "1700000001.000000,POST,\"/a,b\",0.500,0,0,\"say \"\"x\"\"\",Admin:8\r\n");
}

TEST_F(SampleFileTest, ManyRequestsAreAllWritten) {
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file);
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    (*file)->add({.time = 1, .type = "GET", .name = "/", .user_class = "U", .user_id = i});
  }
  file->reset();
  const std::string text = content();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 50'001);
  EXPECT_THAT(text, testing::EndsWith("1.000000,GET,/,0.000,0,0,,U:49999\r\n"));
}

TEST_F(SampleFileTest, ADiskThatCannotFollowHoldsNobodyUpAndCostsBoundedMemory) {
  std::ostringstream log;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const FileDescriptor reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file) << file.error();
  const std::string name(std::size_t{1} << 20, 'x');
  // More than fits into what is being written and what waits.
  constexpr std::size_t kLines = 2 * SampleFile::kMaxPendingBytes / (std::size_t{1} << 20) + 10;
  for (std::size_t i = 0; i < kLines; ++i) (*file)->add({.type = "GET", .name = name});
  // Only now somebody reads.
  ASSERT_EQ(::fcntl(reader.get(), F_SETFL, 0), 0);
  std::size_t bytes = 0;
  std::thread drain([&] {
    std::string block(std::size_t{1} << 20, '\0');
    for (ssize_t got = 1; got > 0; bytes += static_cast<std::size_t>(std::max<ssize_t>(got, 0))) {
      got = ::read(reader.get(), block.data(), block.size());
    }
  });
  EXPECT_FALSE((*file)->finish());
  file->reset();
  drain.join();
  log::capture(nullptr);
  EXPECT_LE(bytes, SampleFile::kMaxPendingBytes + name.size());
  EXPECT_GT(bytes, SampleFile::kMaxPendingBytes / 2);
  EXPECT_THAT(log.str(), testing::HasSubstr(": the disk was too slow; "));
  EXPECT_THAT(log.str(), testing::HasSubstr(" requests were left out"));
}

TEST_F(SampleFileTest, AFileThatCannotBeWrittenIsNamed) {
  const auto file = SampleFile::create("/nonexistent/samples.csv");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error(),
            "--samples: cannot write /nonexistent/samples.csv: No such file or directory");
}

TEST_F(SampleFileTest, AFullDiskTearsNoLineAndIsSaidAtTheEnd) {
  std::ostringstream log;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file);
  const fakes::FileSizeLimit limit(100'000);
  for (std::uint64_t i = 0; i < 50'000; ++i) (*file)->add({.type = "GET", .name = "/"});
  EXPECT_FALSE((*file)->finish());
  log::capture(nullptr);
  const std::string text = content();
  EXPECT_GT(text.size(), 90'000) << "what fits is there";
  EXPECT_THAT(text, testing::EndsWith("\r\n"));
  const auto rows = std::count(text.begin(), text.end(), '\n') - 1;
  EXPECT_THAT(log.str(),
              testing::HasSubstr("--samples: " + path_ + ": the limit of file sizes is " +
                                 "reached (ulimit -f); " + std::to_string(50'000 - rows) +
                                 " requests were left out"));
}

TEST_F(SampleFileTest, WhereThereIsRoomAgainNothingIsMissing) {
  auto file = SampleFile::create(path_);
  ASSERT_TRUE(file);
  {
    const fakes::FileSizeLimit limit(100'000);
    for (std::uint64_t i = 0; i < 50'000; ++i) (*file)->add({.type = "GET", .name = "/"});
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);  // real-time
    while (std::filesystem::file_size(path_) < 90'000) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);  // real-time
      std::this_thread::yield();
    }
  }
  EXPECT_TRUE((*file)->finish());
  const std::string text = content();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 50'001);
}

TEST_F(SampleFileTest, TextsThatAreFormulasCanBeMadeHarmless) {
  auto file = SampleFile::create(path_, CsvCells::kSafe);
  ASSERT_TRUE(file);
  (*file)->add(
      {.time = 1, .type = "GET", .name = "=1+1", .error = "@x", .user_class = "U", .user_id = 7});
  EXPECT_TRUE((*file)->finish());
  EXPECT_THAT(content(), testing::EndsWith("1.000000,GET,'=1+1,0.000,0,0,'@x,U:7\r\n"));
}

}  // namespace
}  // namespace locust::worker
