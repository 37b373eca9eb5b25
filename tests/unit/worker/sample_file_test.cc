#include "worker/sample_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

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

TEST_F(SampleFileTest, AFileThatCannotBeWrittenIsNamed) {
  const auto file = SampleFile::create("/nonexistent/samples.csv");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error(),
            "--samples: cannot write '/nonexistent/samples.csv': No such file or directory");
}

TEST_F(SampleFileTest, AFullDiskEndsTheFileNotTheTest) {
  auto file = SampleFile::create("/dev/full");
  ASSERT_TRUE(file);
  for (std::uint64_t i = 0; i < 50'000; ++i) (*file)->add({.type = "GET", .name = "/"});
  file->reset();
}

}  // namespace
}  // namespace locust::worker
