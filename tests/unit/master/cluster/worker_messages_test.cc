// What workers ask for and tell beside the test: the locustfile, their logs, custom messages.
#include <gmock/gmock.h>

#include "master/cluster/worker_logs.h"
#include "tests/unit/master/cluster/master_fixture.h"

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
  loop_.advance(milliseconds(10));
  worker.send_raw("\x93\xaalocustfile\x80\xbahost_download_locustfile_1");
  loop_.advance(milliseconds(10));
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
    for (std::size_t i = 0; i < 2 * LocustfileServer::kMaxReplies; ++i) {
      worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
      loop_.advance(milliseconds(5));
    }
    loop_.advance(milliseconds(500));
    return worker.got<proto::LocustfileReply>().size();
  };
  EXPECT_EQ(ask(), LocustfileServer::kMaxReplies);
  EXPECT_EQ(ask(), 2 * LocustfileServer::kMaxReplies);
}

TEST_F(MasterTest, WithoutAFileARequestGetsAnError) {
  master();
  ScriptedWorker& worker = join("w1");
  worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
  loop_.advance(milliseconds(100));
  ASSERT_EQ(worker.got<proto::LocustfileReply>().size(), 1U);
  EXPECT_TRUE(worker.got<proto::LocustfileReply>()[0]->error);
}

TEST_F(MasterTest, AScenarioIsServedToWorkersOfOursAndStocksAreToldWhyNot) {
  make_master({.locustfile = two_files(), .is_scenario = true});
  ScriptedWorker& worker = join("host_download_locustfile_1");
  worker.send_raw("\x93\xaalocustfile\xc0\xbahost_download_locustfile_1");
  worker.send_raw("\x93\xaalocustfile\x80\xbahost_download_locustfile_1");
  worker.send(proto::LocustfileRequest{.version = "2.46.3", .extra = {}});
  loop_.advance(milliseconds(10));
  worker.send(proto::LocustfileRequest{.version = "0.1.0", .extended = true, .extra = {}});
  loop_.advance(milliseconds(100));
  const auto replies = worker.got<proto::LocustfileReply>();
  ASSERT_EQ(replies.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(
        replies[i]->error.value_or(""),
        testing::HasSubstr("this master has a YAML scenario, which stock workers cannot run"));
  }
  EXPECT_FALSE(replies[3]->error);
  EXPECT_EQ(replies[3]->locustfiles->size(), 2U);
}

TEST_F(MasterTest, AScenarioThatCannotBeSentIsAnErrorForThoseWhoAskOnly) {
  proto::LocustfileReply too_much;
  too_much.error = "big.csv: too much";
  make_master({.locustfile = too_much, .is_scenario = true});
  ScriptedWorker& worker = join("w1");
  worker.send(proto::LocustfileRequest{.version = "0.1.0", .extended = true, .extra = {}});
  loop_.advance(milliseconds(100));
  ASSERT_EQ(worker.got<proto::LocustfileReply>().size(), 1U);
  EXPECT_EQ(worker.got<proto::LocustfileReply>()[0]->error, "big.csv: too much");
}

TEST_F(MasterTest, LargeFilesAreSentToFewWorkersEachSecond) {
  proto::LocustfileReply large;
  large.locustfiles.emplace();
  large.locustfiles->emplace_back(
      proto::LocustfileSource{"shop.yaml", std::string(LocustfileServer::kMaxBytes / 10, '#')});
  make_master({.locustfile = large, .is_scenario = true});
  ScriptedWorker& worker = join("w1");
  for (int i = 0; i < 20; ++i) {
    worker.send(proto::LocustfileRequest{.version = "0.1.0", .extended = true, .extra = {}});
    loop_.advance(milliseconds(5));
  }
  EXPECT_EQ(worker.got<proto::LocustfileReply>().size(), 9U);
}

// Slow links, and peers that do not read at all.
TEST_F(MasterTest, EachWorkerHasOneLocustfileOnItsWayAndAllTogetherAreBounded) {
  proto::LocustfileReply large;
  large.locustfiles.emplace();
  large.locustfiles->emplace_back(
      proto::LocustfileSource{"shop.yaml", std::string(LocustfileReplies::kMaxBytes / 4, '#')});
  make_master({.locustfile = large, .is_scenario = true});
  for (const char* id : {"w1", "w2", "w3", "w4", "w5"}) {
    join(id);
    network_.set_delay(id, seconds(30));
  }
  const auto ask = [&] {
    for (const auto& worker : workers_) {
      worker->send(proto::LocustfileRequest{.version = "0.1.0", .extended = true, .extra = {}});
      loop_.advance(seconds(1));
    }
  };
  const auto sent = [&] {
    std::map<std::string, int> count;
    for (const auto& record : network_.wire()) {
      if (record.direction == fakes::Direction::kToWorker &&
          record.payload.size() > LocustfileReplies::kMaxBytes / 4) {
        ++count[record.identity];
      }
    }
    return count;
  };
  ask();
  ask();
  loop_.advance(seconds(28));
  using Counts = std::map<std::string, int>;
  EXPECT_EQ(sent(), (Counts{{"w1", 1}, {"w2", 1}, {"w3", 1}}));
  loop_.advance(seconds(60));
  ask();
  loop_.advance(seconds(31));
  EXPECT_EQ(sent(), (Counts{{"w1", 2}, {"w2", 2}, {"w3", 2}})) << "what has arrived makes room";
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
