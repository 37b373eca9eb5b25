// Files that are sent in parts.
#include "master/web/file_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace locust::master::web {
namespace {

class FilePartsTest : public ::testing::Test {
 protected:
  ~FilePartsTest() override { std::filesystem::remove(path_); }
  void write(std::size_t bytes) const {
    std::ofstream(path_, std::ios::binary) << std::string(bytes, 'x');
  }

  const std::string path_ = testing::TempDir() + "file_parts_test." + std::to_string(::getpid());
  FileParts parts_;
};

TEST_F(FilePartsTest, PartsAreTheFile) {
  write(2 * FileParts::kPartBytes + 1);
  ASSERT_TRUE(parts_.open(path_));
  EXPECT_EQ(parts_.left(), 2 * FileParts::kPartBytes + 1);
  EXPECT_EQ(parts_.next()->size(), FileParts::kPartBytes);
  EXPECT_EQ(parts_.next()->size(), FileParts::kPartBytes);
  EXPECT_EQ(parts_.left(), 1);
  EXPECT_EQ(parts_.next(), "x");
  EXPECT_EQ(parts_.left(), 0);
  EXPECT_EQ(parts_.next(), "");
}

TEST_F(FilePartsTest, WhatIsAddedAfterItWasOpenedIsNotOfIt) {
  write(3);
  ASSERT_TRUE(parts_.open(path_));
  write(5);
  EXPECT_EQ(parts_.next(), "xxx");
  EXPECT_EQ(parts_.left(), 0);
}

TEST_F(FilePartsTest, AFileThatGetsShorterIsAnError) {
  write(2 * FileParts::kPartBytes);
  ASSERT_TRUE(parts_.open(path_));
  write(1);
  EXPECT_EQ(parts_.next(), std::nullopt);
}

TEST_F(FilePartsTest, ThereIsNothingToReadOfAFileThatIsNotThere) {
  EXPECT_FALSE(parts_.open(path_));
}

TEST_F(FilePartsTest, AnotherFileCanBeOpenedAfterOne) {
  write(1);
  ASSERT_TRUE(parts_.open(path_));
  EXPECT_EQ(parts_.next(), "x");
  parts_.close();
  write(2);
  ASSERT_TRUE(parts_.open(path_));
  EXPECT_EQ(parts_.next(), "xx");
}

}  // namespace
}  // namespace locust::master::web
