// What workers ask for and tell beside the test: the locustfile, their logs, custom messages.
#include <filesystem>
#include <fstream>

#include "master/distribution.h"
#include "master/worker_logs.h"
#include "tests/unit/master/master_fixture.h"

namespace locust::master {
namespace {

proto::LocustfileReply two_files() {
  proto::LocustfileReply reply;
  reply.single = proto::LocustfileSource{"a.py", "x = 1\n"};
  reply.locustfiles.emplace();
  reply.locustfiles->emplace_back(*reply.single);
  reply.locustfiles->emplace_back(proto::LocustfileSource{"b.py", ""});
  return reply;
}

TEST_F(MasterTest, EachFormOfALocustfileRequestIsServed) {
  make_master({.locustfile = two_files()});
  ScriptedWorker& worker = join("host_download_locustfile_1");
  worker.send_raw("\x93\xaalocustfile\xc0\xbahost_download_locustfile_1");
  worker.send_raw("\x93\xaalocustfile\x80\xbahost_download_locustfile_1");
  worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
  loop_.advance(milliseconds(100));
  const auto replies = worker.got<proto::LocustfileReply>();
  ASSERT_EQ(replies.size(), 3U);
  for (const proto::LocustfileReply* reply : replies) {
    ASSERT_TRUE(reply->single && reply->locustfiles);
    EXPECT_EQ(reply->single->filename, "a.py");
    EXPECT_EQ(reply->locustfiles->size(), 2U);
  }
}

TEST_F(MasterTest, AFloodOfLocustfileRequestsIsServedSlowly) {
  make_master({.locustfile = two_files()});
  ScriptedWorker& worker = join("w1");
  const auto ask = [&] {
    for (int i = 0; i < 2 * Master::kMaxLocustfileReplies; ++i) {
      worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
    }
    loop_.advance(seconds(1));
    return worker.got<proto::LocustfileReply>().size();
  };
  EXPECT_EQ(ask(), std::size_t{Master::kMaxLocustfileReplies});
  EXPECT_EQ(ask(), std::size_t{2 * Master::kMaxLocustfileReplies});
}

TEST_F(MasterTest, WithoutAFileARequestGetsAnError) {
  master();
  ScriptedWorker& worker = join("w1");
  worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
  loop_.advance(milliseconds(100));
  ASSERT_EQ(worker.got<proto::LocustfileReply>().size(), 1U);
  EXPECT_TRUE(worker.got<proto::LocustfileReply>()[0]->error);
}

TEST_F(MasterTest, TheLastLogOfEachWorkerIsKept) {
  master();
  ScriptedWorker& worker = join("w1");
  worker.send(proto::Logs{.worker_id = "w1", .logs = {"one"}, .extra = {}});
  worker.send(proto::Logs{.worker_id = "w1", .logs = {"one", "two"}, .extra = {}});
  loop_.advance(milliseconds(100));
  ASSERT_NE(master().worker_logs().find("w1"), nullptr);
  EXPECT_EQ(*master().worker_logs().find("w1"), (std::vector<std::string>{"one", "two"}));
}

TEST(WorkerLogs, OfALogThatIsTooLongTheLastLinesAreKept) {
  WorkerLogs logs;
  logs.take("w1", {"first", std::string(WorkerLogs::kMaxBytesOfWorker / 2, 'x'), "end"});
  EXPECT_EQ(logs.find("w1")->size(), 3U);
  logs.take("w1", {"first", std::string(WorkerLogs::kMaxBytesOfWorker, 'x'), "end"});
  EXPECT_EQ(*logs.find("w1"), std::vector<std::string>{"end"});
  logs.take("w1", std::vector<std::string>(WorkerLogs::kMaxBytesOfWorker));
  EXPECT_LT(logs.find("w1")->size(), WorkerLogs::kMaxBytesOfWorker / sizeof(std::string));
  EXPECT_EQ(logs.find("w2"), nullptr);
}

TEST(WorkerLogs, TheWorkersSilentLongestMakeRoom) {
  WorkerLogs logs;
  const std::string half(WorkerLogs::kMaxBytesOfWorker / 2, 'x');
  logs.take("first", {half});
  logs.take("second", {half});
  logs.take("first", {half});
  for (std::size_t i = 0; logs.find("second") != nullptr; ++i) {
    ASSERT_LE(i * half.size(), WorkerLogs::kMaxBytes);
    logs.take(std::to_string(i), {half});
  }
  EXPECT_NE(logs.find("first"), nullptr);
  EXPECT_NE(logs.find("0"), nullptr);
}

TEST_F(MasterTest, CustomMessagesGoBothWaysWithAnyData) {
  std::vector<std::pair<std::string, proto::Value>> got;
  master().register_message("ask", [&got](const std::string& id, const proto::Value& data) {
    got.emplace_back(id, data);
  });
  ScriptedWorker& first = join("w1");
  ScriptedWorker& second = join("w2");
  const proto::Value nested(
      proto::Value::Map{{"a", proto::Value::Array{1, proto::Value::Map{{"b", 2.5}}}}});
  const std::vector<proto::Value> all = {proto::Value(), proto::Value(proto::Value::Array{1, "x"}),
                                         proto::Value(proto::Value::Map{{"k", true}}), nested};
  for (const proto::Value& data : all) first.send(proto::Custom{"ask", data});
  master().send_message("tell", nested);
  master().send_message("tell", proto::Value(), "w2");
  loop_.advance(milliseconds(100));
  ASSERT_EQ(got.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(got[i].first, "w1");
    EXPECT_EQ(got[i].second, all[i]);
  }
  ASSERT_EQ(first.got<proto::Custom>().size(), 1U);
  EXPECT_EQ(first.got<proto::Custom>()[0]->data, nested);
  EXPECT_EQ(second.got<proto::Custom>().size(), 2U);
}

TEST(Distribution, OnlyPythonFilesAreNoScenario) {
  EXPECT_TRUE(is_python("a.py"));
  EXPECT_TRUE(is_python("a.py, dir/b.py"));
  EXPECT_FALSE(is_python("a.yaml"));
  EXPECT_FALSE(is_python("a.py,b.yaml"));
  EXPECT_FALSE(is_python(""));
}

TEST(Distribution, FilesAreReadByTheirBaseNamesOrNamedInAnError) {
  const std::string folder = testing::TempDir() + "distribution_test";
  std::filesystem::create_directories(folder + "/other");
  std::ofstream(folder + "/a.py") << "x = 1\n";
  std::ofstream(folder + "/b.py") << "y = 2\n";
  std::ofstream(folder + "/other/a.py") << "";
  std::ofstream(folder + "/large.py") << std::string(std::size_t{2} << 20, '#');
  std::ofstream(folder + "/latin.py") << "\xe9";
  const auto files = read_python_files(folder + "/a.py, " + folder + "/b.py");
  ASSERT_TRUE(files) << files.error();
  EXPECT_EQ(files->single->filename, "a.py");
  EXPECT_EQ(files->single->contents, "x = 1\n");
  EXPECT_EQ(files->locustfiles->size(), 2U);
  for (const std::string& wrong :
       {"/a.py," + folder + "/other/a.py", std::string("/large.py"), std::string("/latin.py"),
        std::string("/missing.py"), std::string("/other")}) {
    EXPECT_FALSE(read_python_files(folder + wrong)) << wrong;
  }
  std::filesystem::remove_all(folder);
}

TEST_F(HeadlessTest, AMasterWithoutWorkersIsWaitedForUntilOneComes) {
  begin({.users = 1, .run_time = seconds(5)});
  loop_.advance(seconds(20));
  EXPECT_TRUE(exit_codes_.empty());
  join("w1");
  loop_.advance(seconds(30));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

}  // namespace
}  // namespace locust::master
