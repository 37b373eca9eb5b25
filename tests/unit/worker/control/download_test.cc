// `-f -`: asking the master, in simulated time, and what is written of its answer.
#include "worker/control/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "proto/codec.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LocustfileDownloadTest : public ::testing::Test {
 protected:
  LocustfileDownloadTest() {
    network_.master().on_message([this](std::string_view, std::string_view payload) {
      auto message = proto::decode_from_worker(payload);
      ASSERT_TRUE(message) << message.error();
      requests_.push_back(std::get<proto::LocustfileRequest>(message->payload));
    });
    download_.begin();
  }

  void send(proto::Payload payload) { send_raw(proto::encode({std::move(payload), kId})); }
  void send_raw(std::string payload) {
    network_.master().send(kId, std::move(payload));
    loop_.advance(milliseconds(5));
  }
  std::string error() const { return result_ && !*result_ ? result_->error() : "none"; }

  static constexpr const char* kId = "host_download_locustfile_1";
  fakes::SimulatedLoop loop_;
  fakes::FakeNetwork network_{loop_};
  std::unique_ptr<proto::WorkerTransport> transport_ = network_.connect(kId);
  std::ostringstream notices_;
  std::optional<Result<proto::LocustfileReply>> result_;
  std::vector<proto::LocustfileRequest> requests_;
  LocustfileDownload download_{loop_, *transport_, kId, notices_,
                               [this](Result<proto::LocustfileReply> result) {
                                 EXPECT_FALSE(result_) << "told twice";
                                 result_ = std::move(result);
                               }};
};

TEST_F(LocustfileDownloadTest, AsksWithAVersionLessAndLessOftenUntilTheFirstReply) {
  loop_.advance(milliseconds(500));
  EXPECT_EQ(requests_.size(), 1U);
  loop_.advance(milliseconds(1000));
  EXPECT_EQ(requests_.size(), 2U);
  loop_.advance(milliseconds(28'000));
  ASSERT_EQ(requests_.size(), 6U) << "at 0, 1, 3, 7, 15, 23 s";
  ASSERT_NE(requests_.front().version.str(), nullptr);
  EXPECT_FALSE(requests_.front().version.str()->empty());
  proto::LocustfileReply reply;
  reply.single = {"shop.yaml", "users:"};
  send(reply);
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ((*result_)->single->contents, "users:");
  send(reply);
  loop_.advance(seconds(600));
  EXPECT_EQ(requests_.size(), 6U);
  EXPECT_TRUE(loop_.idle());
}

TEST_F(LocustfileDownloadTest, ANewConnectionIsAskedAnew) {
  loop_.advance(milliseconds(15'500));
  network_.set_link_up(kId, false);
  loop_.advance(milliseconds(100));
  network_.set_link_up(kId, true);
  requests_.clear();
  loop_.advance(milliseconds(1600));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(LocustfileDownloadTest, GivesUpAfterTheTimeThatItWasGiven) {
  std::ostringstream notices;
  std::optional<Result<proto::LocustfileReply>> result;
  const auto transport = network_.connect("host_download_locustfile_2");
  LocustfileDownload download(
      loop_, *transport, "host_download_locustfile_2", notices,
      [&](Result<proto::LocustfileReply> outcome) { result = std::move(outcome); }, seconds(10));
  download.begin();
  network_.set_link_up("host_download_locustfile_2", false);
  network_.set_link_up("host_download_locustfile_2", true);
  loop_.advance(milliseconds(5'100));
  EXPECT_EQ(notices.str(), "Connected to master, waiting for it to send the locustfile...\n");
  loop_.advance(milliseconds(4'800));
  EXPECT_FALSE(result);
  loop_.advance(milliseconds(200));
  ASSERT_TRUE(result && !*result);
  EXPECT_THAT(
      result->error(),
      HasSubstr("Got no locustfile response from master, gave up after 10s. It was connected"));
}

TEST_F(LocustfileDownloadTest, GivesUpAfterThreeHundredSecondsAndTellsOfItsWaiting) {
  network_.set_master_up(false);
  loop_.advance(milliseconds(9'900));
  EXPECT_EQ(notices_.str(), "");
  loop_.advance(seconds(60));
  EXPECT_EQ(notices_.str(), "Waiting to connect to master to receive locustfile...\n");
  loop_.advance(seconds(230));
  EXPECT_FALSE(result_);
  loop_.advance(seconds(1));
  EXPECT_EQ(error(), "Got no locustfile response from master, gave up after 300s");
}

TEST_F(LocustfileDownloadTest, WaitsForAMasterWithOneQuestionQueued) {
  network_.set_master_up(false);
  loop_.advance(seconds(20));
  requests_.clear();
  network_.set_master_up(true);
  loop_.advance(milliseconds(500));
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(LocustfileDownloadTest, AnErrorOfTheMasterIsTold) {
  proto::LocustfileReply reply;
  reply.error = "no file \x1b[2J" + std::string(5000, 'x');
  send(reply);
  EXPECT_THAT(error(), HasSubstr("Got error from master: no file \\x1b[2Jxxx"));
  EXPECT_LT(error().size(), 600U);
}

TEST_F(LocustfileDownloadTest, OtherAnswersAreErrors) {
  send(proto::Stop{});
  EXPECT_EQ(error(), "Got wrong message type from master stop");
}

TEST_F(LocustfileDownloadTest, AnswersThatCannotBeReadAreErrors) {
  send_raw("\xc1");
  EXPECT_THAT(error(), HasSubstr("Got an answer from master that cannot be read: "));
}

class WrittenLocustfiles : public ::testing::Test {
 protected:
  Result<std::vector<std::string>> write(std::vector<proto::LocustfileSource> files) const {
    proto::LocustfileReply reply;
    reply.locustfiles.emplace(files.begin(), files.end());
    return write_locustfiles(reply, folder_->path());
  }
  std::string error_of(const std::string& name) const {
    const auto written = write({{name, "users:"}});
    return written ? "none" : written.error();
  }
  std::string content(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::string path(const std::string& name) const { return folder_->path() + "/" + name; }

  std::unique_ptr<TemporaryFolder> folder_ = TemporaryFolder::create().value();
};

TEST_F(WrittenLocustfiles, AreThoseOfBothForms) {
  EXPECT_THAT(write({{"a.yaml", "A"}, {"rows.csv", "1"}, {"b.yml", std::string("\0B", 2)}}).value(),
              ElementsAre(path("a.yaml"), path("b.yml")));
  EXPECT_EQ(content("b.yml"), std::string("\0B", 2));
  EXPECT_EQ(content("rows.csv"), "1");
  proto::LocustfileReply reply;
  reply.single = {"single.yaml", "S"};
  EXPECT_THAT(write_locustfiles(reply, folder_->path()).value(), ElementsAre(path("single.yaml")));
  EXPECT_EQ(content("single.yaml"), "S");
}

TEST_F(WrittenLocustfiles, StayInTheFolderWhateverTheirNames) {
  EXPECT_THAT(write({{"a/../../b.yaml", ""}, {"/etc/c.yaml", ""}}).value(),
              ElementsAre(path("b.yaml"), path("c.yaml")));
  const std::string nul("d\0.yaml", 7);
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a/"), std::string("a/.."),
        nul, std::string("e\n.yaml"), std::string("f,g.yaml")}) {
    EXPECT_THAT(error_of(name), HasSubstr("which is not a valid file name")) << name;
  }
  EXPECT_THAT(error_of(std::string(300, 'n') + ".yaml"), HasSubstr("File name too long"));
}

TEST_F(WrittenLocustfiles, OfAMasterOfOursKeepTheirFoldersAndAreScenariosWhereItSaysSo) {
  proto::LocustfileReply reply;
  reply.locustfiles.emplace();
  for (const char* name : {"tests/shop.txt", "data/users.csv", "data/b.yaml", "tests/tool.py"}) {
    reply.locustfiles->emplace_back(proto::LocustfileSource{name, name});
  }
  reply.scenarios = 1;
  EXPECT_THAT(write_locustfiles(reply, folder_->path()).value(),
              ElementsAre(path("tests/shop.txt")));
  EXPECT_EQ(content("data/users.csv"), "data/users.csv");
  EXPECT_EQ(content("tests/tool.py"), "tests/tool.py");
  reply.scenarios = 0;
  EXPECT_THAT(write_locustfiles(reply, TemporaryFolder::create().value()->path()).error(),
              HasSubstr("sent no scenario"));
}

TEST_F(WrittenLocustfiles, DoNotFollowFoldersThatLeadUpOrFarDown) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "d/";
  EXPECT_THAT(
      write({{"a//b.yaml", ""}, {"./c.yaml", ""}, {"x/../../d.yaml", ""}, {deep + "e.yaml", ""}})
          .value(),
      ElementsAre(path("b.yaml"), path("c.yaml"), path("d.yaml"), path("e.yaml")));
  EXPECT_THAT(write({{"f", ""}, {"f/g.yaml", ""}}).error(), HasSubstr("cannot be written"));
}

TEST_F(WrittenLocustfiles, MayBeOfPython) {
  EXPECT_THAT(write({{"locustfile.py", ""}, {"more.py", ""}}).value(),
              ElementsAre(path("locustfile.py"), path("more.py")));
}

TEST_F(WrittenLocustfiles, AreOfOneKind) {
  EXPECT_THAT(write({{"locustfile.py", ""}, {"shop.yaml", ""}}).error(),
              HasSubstr("a test is one or the other"));
}

TEST_F(WrittenLocustfiles, AreRefusedWhereTheyAreNoScenario) {
  EXPECT_THAT(error_of("notes.txt"), HasSubstr("sent no scenario"));
  EXPECT_THAT(write_locustfiles({}, folder_->path()).error(), HasSubstr("sent no scenario"));
  proto::LocustfileReply reply;
  reply.locustfiles = {std::string("https://example.com/shop.yaml")};
  EXPECT_THAT(write_locustfiles(reply, folder_->path()).error(),
              HasSubstr("The master names 'https://example.com/shop.yaml' as its locustfile"));
}

TEST_F(WrittenLocustfiles, AreBoundedInNumberAndSizeAndHaveDifferentNames) {
  EXPECT_THAT(write(std::vector<proto::LocustfileSource>(101, {"a.yaml", ""})).error(),
              HasSubstr("sent 101 files"));
  const std::string half(std::size_t{9} << 20, '#');
  EXPECT_THAT(write({{"a.yaml", half}, {"b.yaml", half}}).error(), HasSubstr("more than 16 MiB"));
  EXPECT_THAT(write({{"c.yaml", ""}, {"/x/c.yaml", ""}}).error(),
              HasSubstr("two files named 'c.yaml'"));
}

TEST(TemporaryFolderTest, IsPrivateAndGoesWithItsOwnerButNotWithAFork) {
  auto folder = TemporaryFolder::create().value();
  const std::string path = folder->path();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  std::ofstream(path + "/a.yaml") << "users:";
  const pid_t child = ::fork();
  if (child == 0) {
    folder.reset();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(path + "/a.yaml"));
  folder.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace locust::worker
