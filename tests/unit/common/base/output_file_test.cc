#include "common/base/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
#include "tests/fakes/file_size_limit.h"

namespace locust {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() { fs::create_directories(folder_); }
  ~OutputFileTest() override {
    fs::permissions(folder_, fs::perms::owner_all, fs::perm_options::add);
    fs::remove_all(folder_);
  }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static ino_t inode(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_ino;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      found.push_back(entry.path().filename());
    }
    return found;
  }

  const fs::path folder_ = testing::TempDir() + "locust_output_file_" + std::to_string(::getpid());
  const std::string path_ = folder_ / "file";
};

// ---- Replaced in one step ----

TEST_F(OutputFileTest, AFileIsReplacedInOneStep) {
  ASSERT_TRUE(replace_file(path_, "first"));
  const ino_t first = inode(path_);
  const FileDescriptor reader(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(replace_file(path_, "second"));
  EXPECT_EQ(content(path_), "second");
  EXPECT_NE(inode(path_), first);
  std::array<char, 16> old{};
  EXPECT_EQ(::read(reader.get(), old.data(), old.size()), 5) << "who reads has the whole old file";
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(OutputFileTest, ModeAndOwnerStay) {
  std::ofstream(path_) << "old";
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path_.c_str(), 1234, 2345), 0);
  }
  ASSERT_TRUE(replace_file(path_, "new"));
  struct stat info {};
  ::stat(path_.c_str(), &info);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  if (::geteuid() == 0) {
    EXPECT_EQ(info.st_uid, 1234U);
    EXPECT_EQ(info.st_gid, 2345U);
  }
}

TEST_F(OutputFileTest, AFullDiskLeavesTheOldContentAndNothingBesideIt) {
  std::ofstream(path_) << "old";
  const fakes::FileSizeLimit limit(4);
  const auto replaced = replace_file(path_, "larger");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error(), path_ + ": the limit of file sizes is reached (ulimit -f)");
  EXPECT_EQ(content(path_), "old");
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(OutputFileTest, WhatAnEarlierRunHasLeftBesideItIsNoObstacle) {
  std::ofstream(path_ + ".tmp") << "half";
  ASSERT_TRUE(replace_file(path_, "whole"));
  EXPECT_EQ(content(path_), "whole");
  EXPECT_THAT(names(), ElementsAre("file"));
}

TEST_F(OutputFileTest, ALinkThatLiesInWaitBesideItIsNotFollowed) {
  const std::string other = folder_ / "other";
  std::ofstream(other) << "other";
  fs::create_symlink(other, path_ + ".tmp");
  ASSERT_TRUE(replace_file(path_, "new"));
  EXPECT_EQ(content(path_), "new");
  EXPECT_EQ(content(other), "other");
}

// ---- Written where the path points ----

TEST_F(OutputFileTest, ASymbolicLinkStaysAndItsFileIsWritten) {
  const std::string target = folder_ / "target";
  std::ofstream(target) << "a longer old content";
  fs::create_symlink("target", path_);
  ASSERT_TRUE(replace_file(path_, "new"));
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(content(target), "new");
  fs::remove(target);
  ASSERT_TRUE(replace_file(path_, "created"));
  EXPECT_EQ(content(target), "created");
}

TEST_F(OutputFileTest, HardLinksStayOneFile) {
  const std::string other = folder_ / "other";
  std::ofstream(other) << "old";
  fs::create_hard_link(other, path_);
  ASSERT_TRUE(replace_file(path_, "new"));
  EXPECT_EQ(content(other), "new");
}

TEST_F(OutputFileTest, APipeIsWrittenTo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto unread = replace_file(path_, "new");
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error(), path_ + ": this pipe has no reader");
  const FileDescriptor reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(replace_file(path_, "new"));
  std::array<char, 16> got{};
  EXPECT_EQ(::read(reader.get(), got.data(), got.size()), 3);
  EXPECT_TRUE(fs::is_fifo(path_));
}

TEST_F(OutputFileTest, ADeviceStaysADevice) {
  if (::geteuid() != 0 || ::mknod(path_.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) {
    GTEST_SKIP() << "only root makes devices";
  }
  ASSERT_TRUE(replace_file(path_, "new"));
  EXPECT_TRUE(fs::is_character_file(path_));
}

TEST_F(OutputFileTest, WhereNoFileFitsBesideItItIsWrittenInPlace) {
  const std::string longest = folder_ / std::string(255, 'x');
  ASSERT_TRUE(replace_file(longest, "first"));
  const ino_t first = inode(longest);
  ASSERT_TRUE(replace_file(longest, "new"));
  EXPECT_EQ(content(longest), "new");
  EXPECT_EQ(inode(longest), first);
}

TEST_F(OutputFileTest, AWritableFileInAFolderThatIsReadOnly) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  std::ofstream(path_) << "old";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(replace_file(path_, "new"));
  EXPECT_EQ(content(path_), "new");
  EXPECT_FALSE(replace_file(folder_ / "other", "new"));
}

TEST_F(OutputFileTest, AFileThatIsReadOnlyIsNotReplaced) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everything";
  std::ofstream(path_) << "old";
  ASSERT_EQ(::chmod(path_.c_str(), 0444), 0);
  const auto replaced = replace_file(path_, "new");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error(), path_ + ": Permission denied");
  EXPECT_EQ(content(path_), "old");
}

TEST_F(OutputFileTest, WhatCannotBeWrittenIsNamed) {
  EXPECT_EQ(replace_file(folder_, "x").error(), folder_.string() + ": Is a directory");
  const std::string missing = folder_ / "missing" / "file";
  EXPECT_EQ(replace_file(missing, "x").error(), missing + ": No such file or directory");
  EXPECT_EQ(replace_file("/dev/full", "x").error(), "/dev/full: No space left on device");
}

// ---- Growing ----

TEST_F(OutputFileTest, AGrowingFileBeginsEmptyOrGoesOn) {
  std::ofstream(path_) << "old\n";
  {
    auto file = GrowingFile::open(path_, GrowingFile::Start::kAppend);
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->append("new\n"));
    EXPECT_EQ(content(path_), "old\nnew\n");
  }
  auto file = GrowingFile::open(path_);
  ASSERT_TRUE(file);
  EXPECT_EQ(content(path_), "");
}

TEST_F(OutputFileTest, AGrowingFileHasWholeLinesOnlyAndGoesOnWhenThereIsRoom) {
  auto file = GrowingFile::open(path_);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("one\n"));
  {
    const fakes::FileSizeLimit limit(7);
    const auto appended = file->append("two two\n");
    ASSERT_FALSE(appended);
    EXPECT_THAT(appended.error(), HasSubstr(path_ + ": "));
    EXPECT_EQ(content(path_), "one\n");
  }
  ASSERT_TRUE(file->append("two two\n"));
  EXPECT_EQ(content(path_), "one\ntwo two\n");
}

TEST_F(OutputFileTest, AGrowingFileOnAFullDeviceSaysSo) {
  auto file = GrowingFile::open("/dev/full");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->append("a line\n").error(), "/dev/full: No space left on device");
}

}  // namespace
}  // namespace locust
