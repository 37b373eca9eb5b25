// Peers that say anything: no other worker's data changes, and what the master keeps is bounded.
#include <gtest/gtest.h>

#include <random>

#include "common/base/log.h"
#include "tests/unit/master/cluster/master_fixture.h"

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
    RequestStats stats(loop_.clock().wall_time(), StatsRole::kWorker);
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

  // Every number, name and time may be anything that the wire carries.
  proto::Stats arbitrary_report() {
    const auto number = [this] { return static_cast<std::int64_t>(random_()) << random_() % 16; };
    const auto text = [this] { return "/" + std::to_string(random_() % 50); };
    const auto fill = [&](StatsEntry& entry) {
      entry.num_requests = number();
      entry.num_failures = number();
      entry.total_response_time = number();
      entry.max_response_time = number();
      entry.min_response_time = Number(0);
      entry.last_request_timestamp = static_cast<double>(number());
      for (int n = 0; n < 20; ++n) {
        entry.response_times.add(Number(number()), number());
        entry.num_reqs_per_sec.add(number(), number());
        entry.num_fail_per_sec.add(number(), number());
      }
    };
    StatsReport report{{}, StatsEntry("Aggregated", "", static_cast<double>(number())), {}};
    fill(report.stats_total);
    for (int n = 0; n < 20; ++n) {
      fill(report.stats.emplace_back(text(), "GET", static_cast<double>(number())));
      report.errors.push_back({text(), {text(), "GET", text(), number(), 0.0, 1e12}});
    }
    return {.report = std::move(report),
            .user_classes_count = {},
            .user_count = 0,
            .extension = {},
            .extra = {}};
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

// A worker of the test itself, whose reports say whatever fits into them.
TEST_F(HostilePeersTest, ReportsOfOneWorkerChangeNothingOfWhatTheOthersReport) {
  ScriptedWorker& honest = join("a_1");
  ScriptedWorker& hostile = join("a_2");
  master().start(2, 2);
  loop_.advance(milliseconds(20));
  for (int i = 0; i < 60; ++i) {
    for (int n = 0; n < 10; ++n) {
      honest.stats().log_request(honest.wall_time(), "GET", "/honest", Number(10 * (n + 1)), 1);
    }
    honest.stats().log_error(honest.wall_time(), "GET", "/honest", "closed");
    proto::Stats report = arbitrary_report();
    report.user_classes_count = {{"Shop", static_cast<std::int64_t>(random_()) << 20}};
    hostile.send(std::move(report));
    loop_.advance(seconds(1));
    network_.clear_wire();
  }
  honest.report();
  loop_.advance(milliseconds(20));

  const StatsEntry& row = *master().stats().find("/honest", "GET");
  EXPECT_EQ(row.num_requests, 600);
  EXPECT_EQ(row.num_failures, 60);
  EXPECT_EQ(row.get_response_time_percentile(0.5), 60);
  EXPECT_EQ(*row.min_response_time, 10);
  EXPECT_EQ(row.max_response_time, 100);
  const SnapshotPtr snapshot = master().snapshot();
  for (const StatsRow& shown : snapshot->stats.entries) {
    if (shown.name == "/honest") {
      EXPECT_NEAR(shown.current_rps, 10, 0.1);
    }
  }
  std::int64_t failures = 0;
  for (const auto& [key, error] : master().stats().errors()) {
    if (error.name == "/honest") failures += error.occurrences;
  }
  EXPECT_EQ(failures, 60);
  EXPECT_LE(master().stats().entries().size(), RequestStats::kMaxEntries + 1);
  EXPECT_LE(master().stats().errors().size(), RequestStats::kMaxErrors + 1);
}

// No count per second may push out those of the test.
TEST_F(HostilePeersTest, SecondsOutsideTheTestDoNotSpoilItsRates) {
  ScriptedWorker& honest = join("a_1");
  ScriptedWorker& hostile = join("a_2");
  master().start(2, 2);
  loop_.advance(milliseconds(20));
  for (int i = 0; i < 30; ++i) {
    honest.stats().log_request(honest.wall_time(), "GET", "/honest", Number(10), 1);
    proto::Stats report{.report = {{}, StatsEntry("Aggregated", "", honest.wall_time()), {}},
                        .user_classes_count = {{"Shop", 1}},
                        .user_count = 1,
                        .extension = {},
                        .extra = {}};
    std::int64_t second = 0;
    for (std::size_t n = 0; n < SecondCounts::kMaxSeconds; ++n) {
      second += 1 + random_() % 1'000'000;
      report.report.stats_total.num_reqs_per_sec.add(second);
    }
    hostile.send(std::move(report));
    loop_.advance(seconds(1));
    network_.clear_wire();
  }
  const std::int64_t seen = to_second(honest.wall_time()) - 10;
  EXPECT_EQ(master().stats().find("/honest", "GET")->num_reqs_per_sec.count(seen), 1);
  EXPECT_GE(master().stats().total().num_reqs_per_sec.count(seen), 1);
  EXPECT_LE(master().stats().total().num_reqs_per_sec.seconds().size(), 40U);
}

TEST_F(HostilePeersTest, NamesOfUserClassesTakeBoundedMemory) {
  WorkerRegistry registry;
  const std::string name(1U << 20, 'x');
  std::size_t taken = 0;
  for (int i = 0; i < 300; ++i) {
    WorkerNode& worker = *registry.admit("w_" + std::to_string(i), std::nullopt).worker;
    taken += registry.set_user_classes_count(worker, {{name, 1}}) ? 1 : 0;
    if (i % 2 == 0) registry.set_state(worker, WorkerState::kGone);  // and is remembered
  }
  EXPECT_EQ(taken, WorkerRegistry::kMaxClassBytes / (name.size() + sizeof(UserCounts::value_type)));
  WorkerNode& first = *registry.find("w_1");
  EXPECT_TRUE(registry.set_user_classes_count(first, {{"Shop", 3}})) << "in place of its own";
  EXPECT_EQ(registry.user_classes_count().at("Shop"), 3);
}

TEST_F(HostilePeersTest, NamesOfUserClassesMayFillTheirMemoryToTheLastByte) {
  WorkerRegistry registry;
  constexpr std::size_t kRoom = WorkerRegistry::kMaxClassBytes - sizeof(UserCounts::value_type);
  WorkerNode& worker = *registry.admit("w_1", std::nullopt).worker;
  EXPECT_FALSE(registry.set_user_classes_count(worker, {{std::string(kRoom + 1, 'x'), 1}}));
  EXPECT_TRUE(registry.set_user_classes_count(worker, {{std::string(kRoom, 'x'), 1}}));
  WorkerNode& other = *registry.admit("w_2", std::nullopt).worker;
  EXPECT_FALSE(registry.set_user_classes_count(other, {{"x", 1}}));
  EXPECT_TRUE(registry.set_user_classes_count(worker, {}));
  EXPECT_TRUE(registry.set_user_classes_count(other, {{"x", 1}})) << "what was given back";
}

}  // namespace
}  // namespace locust::master
