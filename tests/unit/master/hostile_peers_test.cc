// Peers that say anything: no other worker's data changes, and what the master keeps is bounded.
#include <gtest/gtest.h>

#include <random>

#include "common/log.h"
#include "tests/unit/master/master_fixture.h"

namespace locust::master {
namespace {

class HostilePeersTest : public MasterTest {
 protected:
  void SetUp() override { make_master(); }
  // A peer with a connection of its own that is no worker.
  proto::WorkerTransport& peer(const std::string& id) {
    peers_.push_back(network_.connect(id));
    return *peers_.back();
  }
  proto::Stats report(std::int64_t requests) {
    RequestStats stats(loop_.clock().wall_time(), false);
    for (std::int64_t i = 0; i < requests; ++i) {
      stats.log_request(loop_.clock().wall_time(), "GET", "/forged", Number(5), 1);
      stats.log_error(loop_.clock().wall_time(), "GET", "/forged", "forged");
    }
    return {.report = stats.get_stripped_report(loop_.clock().wall_time()),
            .user_classes_count = {{"Shop", 1000}, {"Forged", 1}},
            .user_count = 1001,
            .extension = {},
            .extra = {}};
  }
  std::vector<proto::Payload> all_payloads() {
    proto::Heartbeat heartbeat;
    heartbeat.state = "ready";
    heartbeat.current_cpu_usage = 99;
    proto::SpawningComplete complete;
    complete.user_classes_count = {{"Shop", 1000}};
    return {heartbeat,
            report(3),
            proto::Spawning{},
            complete,
            proto::ClientStopped{},
            proto::Quit{},
            proto::Exception{.msg = "forged", .traceback = "forged", .extra = {}},
            proto::Logs{.worker_id = "a_1", .logs = {"forged"}, .extra = {}},
            proto::Custom{"forged", proto::Value(1)}};
  }

  std::mt19937 random_{1};
  std::vector<std::unique_ptr<proto::WorkerTransport>> peers_;
};

TEST_F(HostilePeersTest, NothingThatNamesAnotherWorkerIsTakenForIt) {
  ScriptedWorker& worker = join("a_1");
  ScriptedWorker& registered = join("a_2");
  master().start(4, 4);
  loop_.advance(seconds(4));
  proto::WorkerTransport& stranger = peer("stranger_1");
  for (const proto::Payload& payload : all_payloads()) {
    ASSERT_TRUE(stranger.send(proto::encode({payload, worker.id()})).ok());
    registered.send_raw(proto::encode({payload, worker.id()}));
  }
  loop_.advance(seconds(1));
  EXPECT_EQ(master().registry().active_count(), 2U);
  EXPECT_EQ(master().registry().user_count(), 4);
  EXPECT_EQ(master().stats().total().num_requests, 0);
  EXPECT_TRUE(master().stats().errors().empty());
  EXPECT_FALSE(master().has_exceptions());
  EXPECT_EQ(master().losses().count(), 0U);
  EXPECT_EQ(worker.users(), 2);
}

// Whole messages with some of their bytes changed, cut or repeated.
TEST_F(HostilePeersTest, DamagedMessagesOfStrangersChangeNothing) {
  ScriptedWorker& worker = join("a_1");
  master().start(4, 4);
  loop_.advance(seconds(4));
  const std::vector<proto::Payload> payloads = all_payloads();
  proto::WorkerTransport& stranger = peer("stranger_1");
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = proto::encode({payloads[random_() % payloads.size()], "stranger_1"});
    for (auto changes = random_() % 4; changes > 0; --changes) {
      bytes[random_() % bytes.size()] = static_cast<char>(random_());
    }
    if (random_() % 4 == 0) bytes.resize(random_() % bytes.size());
    if (random_() % 8 == 0) bytes += bytes;
    ASSERT_TRUE(stranger.send(std::move(bytes)).ok());
    if (round % 100 == 0) {
      loop_.advance(milliseconds(50));
      network_.clear_wire();
    }
  }
  loop_.advance(seconds(1));
  EXPECT_EQ(master().registry().active_count(), 1U);
  EXPECT_EQ(master().stats().total().num_requests, 0);
  EXPECT_FALSE(master().has_exceptions());
  EXPECT_EQ(worker.users(), 4);
  EXPECT_EQ(master().state(), MasterState::kRunning);
}

TEST_F(HostilePeersTest, AFloodOfWorkersIsBoundedAndTheFirstOnesStay) {
  log::runners().set_level(spdlog::level::err);  // some lines for each of them
  ScriptedWorker& worker = join("a_1");
  for (std::size_t n = 0; n < WorkerRegistry::kMaxWorkers + 100; ++n) {
    const auto id = "flood_" + std::to_string(n);
    ASSERT_TRUE(network_.connect(id)->send(proto::encode({proto::ClientReady{}, id})).ok());
    if (n % 5000 == 0) {
      loop_.advance(milliseconds(2));
      network_.clear_wire();
    }
  }
  loop_.advance(milliseconds(20));
  EXPECT_EQ(master().registry().active_count(), WorkerRegistry::kMaxWorkers);
  loop_.advance(seconds(80));
  EXPECT_EQ(master().registry().active_count(), 1U);
  join("b_1");
  EXPECT_EQ(master().registry().active_count(), 2U) << "those given up make room";
  EXPECT_EQ(worker.state, "ready");
  log::runners().set_level(spdlog::level::info);
}

}  // namespace
}  // namespace locust::master
