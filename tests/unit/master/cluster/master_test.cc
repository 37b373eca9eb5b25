// The master's state machine in simulated time, with scripted workers on a fake network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

TEST_F(MasterTest, WorkersAreAckedWithIndexesInOrderOfArrivalStablePerId) {
  master();
  ScriptedWorker& first = join("a_1");
  ScriptedWorker& second = join("a_2");
  second.send(proto::ClientReady{});
  loop_.advance(milliseconds(20));
  EXPECT_EQ(first.got<proto::Ack>().at(0)->index, 0);
  ASSERT_EQ(second.got<proto::Ack>().size(), 2U);
  EXPECT_EQ(second.got<proto::Ack>()[0]->index, 1);
  EXPECT_EQ(second.got<proto::Ack>()[1]->index, 1);
  EXPECT_EQ(master().registry().active_count(), 2U);
}

TEST_F(MasterTest, OnlyForeignWorkersAreToldThatItUnderstandsMoreThanStock) {
  master();
  EXPECT_FALSE(join("stock_1", {.version = "2.47.0"}).got<proto::Ack>().at(0)->extended);
  EXPECT_TRUE(join("ours_1").got<proto::Ack>().at(0)->extended);
}

TEST_F(MasterTest, WorkersWithoutAVersionAreRefused) {
  master();
  for (const proto::Value& version : {proto::Value(), proto::Value(""), proto::Value(0)}) {
    EXPECT_TRUE(join("old_" + std::to_string(workers_.size()), {.version = version})
                    .got<proto::Ack>()
                    .empty());
  }
  EXPECT_EQ(join("new_1", {.version = "9.9.9"}).got<proto::Ack>().size(), 1U);
}

TEST_F(MasterTest, OnlyReleasesWhoseMessagesAreNotKnownAreWarnedOf) {
  std::ostringstream lines;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(lines);
  sink->set_pattern("%l %v");
  log::capture(sink);
  master();
  int number = 0;
  const auto level = [&](const proto::Value& version) {
    lines.str("");
    join("w_" + std::to_string(++number), {.version = version});
    const std::size_t place = lines.str().find("different version");
    return place == std::string::npos ? "" : lines.str().substr(0, lines.str().find(' '));
  };
  for (const char* version : {"2.12.0", "2.32.10", "2.46.7", "2.47.9"}) {
    EXPECT_EQ(level(version), "debug") << version;
  }
  for (const char* version : {"2.11.1", "2.48.0", "3.0", "9.9.9", "new"}) {
    EXPECT_EQ(level(version), "warning") << version;
  }
  EXPECT_EQ(level("2.47.0"), "");
  EXPECT_EQ(level(-1), "");
  log::capture(nullptr);
}

TEST_F(MasterTest, HeartbeatsAreAnsweredUnlessTheWorkerIsTooOldToKnowTheAnswer) {
  master();
  ScriptedWorker& current = join("a_1", {.version = "2.47.0"});
  ScriptedWorker& old = join("a_2", {.version = "2.12.1"});
  ScriptedWorker& foreign = join("a_3");
  loop_.advance(seconds(3));
  EXPECT_GE(current.got<proto::HeartbeatReply>().size(), 3U);
  EXPECT_TRUE(old.got<proto::HeartbeatReply>().empty());
  EXPECT_GE(foreign.got<proto::HeartbeatReply>().size(), 3U);
}

TEST_F(MasterTest, TwentyUsersAtFivePerSecondOnTwoWorkersTakeFourSteps) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(20, 5);
  loop_.advance(seconds(10));
  EXPECT_EQ(totals(a), (std::vector<std::int64_t>{3, 5, 8, 10}));
  EXPECT_EQ(totals(b), (std::vector<std::int64_t>{2, 5, 7, 10}));
  const auto spawns = a.got<proto::Spawn>();
  EXPECT_NEAR(spawns[3]->timestamp - spawns[0]->timestamp, 3.0, 0.001);
  EXPECT_EQ(master().state(), MasterState::kRunning);
}

TEST_F(MasterTest, TagsAndArgumentsGoOutWithEverySpawn) {
  MasterConfig config;
  config.parsed_options = {{"tags", proto::Value::Array{"read"}}, {"tenant", "acme"}};
  make_master(std::move(config));
  ScriptedWorker& a = join("a_1");
  master().start(2, 1);
  loop_.advance(seconds(3));
  ASSERT_EQ(a.got<proto::Spawn>().size(), 2U);
  for (const proto::Spawn* spawn : a.got<proto::Spawn>()) {
    EXPECT_EQ(*proto::find(spawn->parsed_options, "tags"),
              proto::Value(proto::Value::Array{"read"}));
    EXPECT_EQ(*proto::find(spawn->parsed_options, "tenant"), proto::Value("acme"));
    EXPECT_EQ(*proto::find(spawn->parsed_options, "expect_workers"), proto::Value(1));
  }
}

TEST_F(MasterTest, FractionalRatesStepInWholeUsersAtExactTimes) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(6, 2.5);
  loop_.advance(seconds(5));
  EXPECT_EQ(totals(a), (std::vector<std::int64_t>{2, 4, 6}));
  EXPECT_NEAR(a.got<proto::Spawn>()[1]->timestamp - a.got<proto::Spawn>()[0]->timestamp, 0.8,
              0.001);
  master().start(7, 0.5);
  loop_.advance(seconds(5));
  master().start(9, 0.5);
  loop_.advance(seconds(5));
  EXPECT_EQ(totals(a), (std::vector<std::int64_t>{2, 4, 6, 7, 8, 9}));
  EXPECT_NEAR(a.got<proto::Spawn>()[5]->timestamp - a.got<proto::Spawn>()[4]->timestamp, 2.0,
              0.001);
}

TEST_F(MasterTest, SpawnCarriesItsFiveKeysAndHostAndStopTimeout) {
  make_master({.host = "http://there", .stop_timeout = 7});
  ScriptedWorker& a = join("a_1");
  master().start(1, 1);
  loop_.advance(seconds(1));
  const proto::Spawn& spawn = *a.got<proto::Spawn>().at(0);
  EXPECT_EQ(spawn.host, "http://there");
  EXPECT_EQ(spawn.stop_timeout, 7.0);
  EXPECT_EQ(*proto::find(spawn.parsed_options, "expect_workers"), proto::Value(1));
}

TEST_F(MasterTest, TimestampsGrowEvenIfTheClockStepsBack) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(5, 1);
  loop_.advance(milliseconds(1500));
  loop_.manual_clock().step_wall_time(-3600);
  loop_.advance(seconds(5));
  const auto spawns = a.got<proto::Spawn>();
  ASSERT_EQ(spawns.size(), 5U);
  for (std::size_t i = 1; i < spawns.size(); ++i)
    EXPECT_GT(spawns[i]->timestamp, spawns[i - 1]->timestamp);
}

TEST_F(MasterTest, AWorkerIsToldOnlyOfTheClassesItHasLoaded) {
  master();
  ScriptedWorker& shop = join("a_1", {.classes = {"Shop"}});
  ScriptedWorker& both = join("a_2", {.classes = {"Admin", "Shop"}});
  master().start(10, 10);
  loop_.advance(seconds(2));
  for (const proto::Spawn* spawn : shop.got<proto::Spawn>()) {
    ASSERT_EQ(spawn->user_classes_count.size(), 1U);
    EXPECT_EQ(spawn->user_classes_count[0].first, "Shop");
  }
  for (const proto::Spawn* spawn : both.got<proto::Spawn>())
    EXPECT_EQ(spawn->user_classes_count.size(), 2U);
  EXPECT_EQ(shop.users() + both.users(), 10);
}

TEST_F(MasterTest, WeightsComeFromTheWorkersThatNameThem) {
  master();
  ScriptedWorker& a = join("a_1", {.classes = {"One", "Two", "Three"}, .names_weights = true});
  master().start(60, 100);
  loop_.advance(seconds(2));
  EXPECT_EQ(a.users("One"), 10);
  EXPECT_EQ(a.users("Two"), 20);
  EXPECT_EQ(a.users("Three"), 30);
}

TEST_F(MasterTest, ConfiguredWeightsWinOverAssumedOnes) {
  make_master({}, {{"Admin", 3.0, {}}});
  ScriptedWorker& a = join("a_1", {.classes = {"Admin", "Shop"}});
  master().start(8, 100);
  loop_.advance(seconds(2));
  EXPECT_EQ(a.users("Admin"), 6);
  EXPECT_EQ(a.users("Shop"), 2);
}

TEST_F(MasterTest, AfterTheRampWorkersThatKnowItGetSpawningCompleteOnce) {
  master();
  ScriptedWorker& current = join("a_1", {.version = "2.47.0"});
  ScriptedWorker& old = join("a_2", {.version = "2.12.1"});
  master().start(4, 2);
  loop_.advance(seconds(6));
  ASSERT_EQ(current.got<proto::MasterSpawningComplete>().size(), 1U);
  EXPECT_EQ(current.got<proto::MasterSpawningComplete>()[0]->user_count, 4);
  EXPECT_TRUE(old.got<proto::MasterSpawningComplete>().empty());
}

TEST_F(MasterTest, ResetStatsStartsThemAnewAfterEachRamp) {
  MasterConfig config;
  config.reset_stats = true;
  make_master(std::move(config));
  ScriptedWorker& a = join("a_1");
  master().start(4, 1);
  loop_.advance(milliseconds(20));
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  a.stats().log_error(loop_.clock().wall_time(), "GET", "/", "bad");
  a.report();
  loop_.advance(seconds(1));
  EXPECT_EQ(master().stats().total().num_requests, 1);
  const double began = *master().snapshot()->start_time;
  loop_.advance(seconds(5));
  ASSERT_EQ(master().state(), MasterState::kRunning);
  EXPECT_EQ(master().stats().total().num_requests, 0);
  EXPECT_TRUE(master().stats().errors().empty());
  EXPECT_EQ(master().snapshot()->start_time, began) << "the test goes on";
}

TEST_F(MasterTest, WithoutReportsTheRampIsOverAfterASecond) {
  master();
  ScriptedWorker& a = join("a_1");
  a.freeze();
  master().start(4, 4);
  loop_.advance(milliseconds(990));
  EXPECT_EQ(master().state(), MasterState::kSpawning);
  loop_.advance(milliseconds(20));
  EXPECT_EQ(master().state(), MasterState::kRunning);
}

TEST_F(MasterTest, AStopWaitsForEveryWorkerAndASecondTestStartsWithClearedStatistics) {
  master();
  ScriptedWorker& a = join("a_1", {.stop_time = seconds(2)});
  ScriptedWorker& b = join("a_2", {.stop_time = seconds(4)});
  master().start(4, 4);
  loop_.advance(seconds(1));
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  loop_.advance(seconds(3));
  EXPECT_EQ(master().stats().total().num_requests, 1);
  master().stop();
  loop_.advance(seconds(3));
  EXPECT_EQ(master().state(), MasterState::kStopping)
      << "heartbeats of stopped workers still say running";
  loop_.advance(seconds(2));
  EXPECT_EQ(master().state(), MasterState::kStopped);
  EXPECT_EQ(master().usable_ready_count(), 2U);
  master().start(2, 2);
  loop_.advance(seconds(2));
  EXPECT_EQ(master().stats().total().num_requests, 0);
  EXPECT_EQ(a.users() + b.users(), 2);
}

TEST_F(MasterTest, ASecondTestRemembersNoLimitsOfTheFirst) {
  master();
  ScriptedWorker& a = join("a_1");
  proto::Heartbeat busy;
  busy.state = "running";
  busy.current_cpu_usage = 99;
  busy.extension = proto::HeartbeatExtension{.generator_bound = {"cpu"}};
  for (const bool is_busy : {true, false, true}) {
    master().start(1, 1);
    loop_.advance(seconds(2));
    EXPECT_FALSE(master().worker_cpu_warning_emitted());
    EXPECT_TRUE(master().generator_bound().empty());
    if (is_busy) a.send(busy);
    loop_.advance(milliseconds(50));
    EXPECT_EQ(master().worker_cpu_warning_emitted(), is_busy);
    EXPECT_EQ(master().generator_bound().size(), is_busy ? 1U : 0U);
    master().stop();
    loop_.advance(seconds(5));
  }
}

TEST_F(MasterTest, AStopIsOverAfterStopTimeoutAndAMinuteAtTheLatest) {
  make_master({.host = {}, .stop_timeout = 5});
  ScriptedWorker& a = join("a_1", {.stop_time = seconds(10'000)});
  master().start(1, 1);
  loop_.advance(seconds(2));
  master().stop();
  loop_.advance(seconds(64));
  EXPECT_EQ(master().state(), MasterState::kStopping);
  loop_.advance(seconds(2));
  EXPECT_EQ(master().state(), MasterState::kStopped);
  EXPECT_EQ(a.got<proto::Stop>().size(), 1U);
}

TEST_F(MasterTest, LateReportsOfATestDoNotEnterTheNextOne) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(1, 1);
  loop_.advance(milliseconds(100));
  master().stop();
  loop_.advance(milliseconds(100));
  network_.set_delay("a_1", milliseconds(500));
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/late", Number(5), 1);
  a.report();
  loop_.advance(milliseconds(100));
  master().start(1, 1);
  loop_.advance(seconds(5));
  EXPECT_EQ(master().stats().total().num_requests, 0);
  a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  loop_.advance(seconds(5));
  EXPECT_EQ(master().stats().total().num_requests, 1);
}

TEST_F(MasterTest, ReportsBetweenClientStoppedAndClientReadyAndAfterQuitCount) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(1, 1);
  loop_.advance(milliseconds(100));
  const auto log_and_report = [&] {
    a.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
    a.report();
    loop_.advance(milliseconds(10));
  };
  a.send(proto::ClientStopped{});
  log_and_report();
  a.send(proto::Quit{});
  log_and_report();
  EXPECT_EQ(master().stats().total().num_requests, 2);
}

TEST_F(MasterTest, MessagesOfStrangersAndNonsenseAreHarmless) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker stranger(loop_, network_, "stranger_1", {.version = proto::Value("")});
  loop_.advance(milliseconds(10));
  stranger.send(proto::Spawning{});
  stranger.send(proto::SpawningComplete{});
  stranger.report();
  stranger.send(proto::ClientStopped{});
  stranger.send(proto::Quit{});
  stranger.send(proto::Exception{.msg = "m", .traceback = "t", .extra = {}});
  stranger.send(proto::Custom{"hello", proto::Value(5)});
  stranger.send(proto::Stop{});
  for (const char* bytes : {"\xc1", "\x93", "", "\x90", "plain"}) stranger.send_raw(bytes);
  loop_.advance(milliseconds(50));
  EXPECT_EQ(stranger.got<proto::Quit>().size(), 1U)
      << "an unknown worker that spawns is asked to quit";
  EXPECT_FALSE(master().has_exceptions());
  master().start(1, 1);
  loop_.advance(seconds(1));
  EXPECT_EQ(a.users(), 1);
}

TEST_F(MasterTest, FramesOfStockDoNotTellExceptionsApart) {
  master();
  ScriptedWorker& stock = join("a");
  ScriptedWorker& ours = join("b");
  master().start(2, 2);
  loop_.advance(seconds(2));
  const std::string own = "  File \"/test/locustfile.py\", line 6, in t\n    raise ValueError()\n";
  stock.send(proto::Exception{
      .msg = "oops",
      .traceback =
          "  File \"/venv/lib/locust/user/task.py\", line 340, in run\n    self.execute()\n"
          "  File \"/venv/lib/locust/user/task.py\", line 513, in execute_task\n" +
          own,
      .extra = {}});
  ours.send(proto::Exception{.msg = "oops", .traceback = own, .extra = {}});
  loop_.advance(milliseconds(100));
  const SnapshotPtr snapshot = master().snapshot();
  ASSERT_EQ(snapshot->exceptions.size(), 1U);
  EXPECT_EQ(snapshot->exceptions[0].nodes.size(), 2U);
}

TEST_F(MasterTest, TellsAListenerOfTests) {
  struct Listener final : MasterEvents {
    void on_worker_connected(const std::string& id) override { told.push_back("connected " + id); }
    void on_heartbeat(const std::string& id) override { heartbeats += id == "a" ? 1 : 0; }
    explicit Listener(Master& owner) : master(owner) {}
    void on_test_start() override { told.emplace_back("start"); }
    void on_spawning_complete(std::int64_t n) override {
      told.push_back("spawned " + std::to_string(n));
    }
    void on_test_stopping() override { told.emplace_back("stopping"); }
    void on_test_stop() override { told.emplace_back("stop"); }
    void on_stats_reset() override { told.emplace_back("reset"); }
    void on_worker_report(const std::string&, const proto::Stats&) override { ++reports; }
    void on_quitting() override {
      told.emplace_back("quitting");
      master.want_exit_code(5);
    }
    Master& master;
    std::vector<std::string> told;
    int reports = 0;
    int heartbeats = 0;
  } listener(master());
  master().subscribe(listener);
  join("a");
  master().start(1, 1);
  loop_.advance(seconds(5));
  master().start(2, 1);
  loop_.advance(seconds(5));
  master().reset_stats();
  master().stop();
  loop_.advance(seconds(5));
  master().quit();
  loop_.advance(seconds(70));
  // A worker is ready again after a test, which stock tells as a connection too.
  EXPECT_THAT(listener.told,
              testing::ElementsAre("connected a", "start", "spawned 1", "spawned 2", "reset",
                                   "stopping", "connected a", "stop", "quitting"));
  EXPECT_GT(listener.reports, 1);
  EXPECT_GT(listener.heartbeats, 1);
  EXPECT_EQ(master().wanted_exit_code(), 5);
  master().unsubscribe(listener);
}

TEST_F(MasterTest, ExceptionsAreGroupedByTraceback) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  master().start(2, 2);
  loop_.advance(milliseconds(100));
  for (ScriptedWorker* worker : {&a, &b, &b})
    worker->send(proto::Exception{.msg = "boom", .traceback = "t", .extra = {}});
  a.send(proto::Exception{.msg = "boom", .traceback = "other", .extra = {}});
  loop_.advance(milliseconds(100));
  const SnapshotPtr snapshot = master().snapshot();
  ASSERT_EQ(snapshot->exceptions.size(), 2U);
  EXPECT_EQ(snapshot->exceptions[0].count, 3);
  EXPECT_EQ(snapshot->exceptions[0].nodes.size(), 2U);
}

TEST_F(MasterTest, WhatWorkersReportIsMasked) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(1, 1);
  loop_.advance(milliseconds(100));
  for (const char* token : {"a1", "b2"}) {
    a.send(proto::Exception{.msg = std::string("no for /?token=") + token,
                            .traceback = std::string("  get(token='") + token + "')\n",
                            .extra = {}});
    RequestStats stats(0, StatsRole::kWorker);
    stats.log_request(0, "GET", "/", Number(1), 0);
    stats.log_error(0, "GET", "/", std::string("no for /?token=") + token);
    a.send(proto::Stats{.report = stats.get_stripped_report(1),
                        .user_classes_count = {{"Shop", 1}},
                        .user_count = 1,
                        .extension = {},
                        .extra = {}});
  }
  loop_.advance(milliseconds(100));
  const SnapshotPtr snapshot = master().snapshot();
  ASSERT_EQ(snapshot->exceptions.size(), 1U);
  EXPECT_EQ(snapshot->exceptions[0].msg, "no for /?token=***");
  EXPECT_EQ(snapshot->exceptions[0].traceback, "  get(token='***')\n");
  EXPECT_EQ(snapshot->exceptions[0].count, 2);
  ASSERT_EQ(master().stats().errors().size(), 1U);
  EXPECT_EQ(master().stats().errors()[0].second.error, "no for /?token=***");
  EXPECT_EQ(master().stats().errors()[0].second.occurrences, 2);
}

TEST_F(MasterTest, AWorkerThatReportsNoClassesIsTakenToHaveAllOfThem) {
  master();
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& boomer = join("boomer_1", {.classes = {"Shop"}, .reports_when_idle = false});
  loop_.advance(seconds(5));
  master().start(4, 4);
  loop_.advance(seconds(2));
  EXPECT_EQ(a.users(), 2);
  EXPECT_EQ(boomer.users(), 2);
}

TEST_F(MasterTest, AScenariosStopTestEndsTheTest) {
  struct Leader final : MasterEvents {
    explicit Leader(Master& owner) : master(owner) {}
    void on_stop_test() override { master.stop(); }
    Master& master;
  } leader(master());
  master().subscribe(leader);
  ScriptedWorker& a = join("a_1");
  RequestStats none(0.0);
  proto::Stats stats{.report = none.get_stripped_report(0.0),
                     .user_classes_count = {{"Shop", 1}},
                     .user_count = 1,
                     .extension = {},
                     .extra = {}};
  stats.extension = proto::StatsExtension{.stop_test = true};
  a.send(stats);
  loop_.advance(seconds(1));
  EXPECT_EQ(a.got<proto::Stop>().size(), 0U) << "there is none";
  master().start(1, 1);
  loop_.advance(seconds(2));
  a.send(stats);
  loop_.advance(milliseconds(50));
  EXPECT_EQ(a.got<proto::Stop>().size(), 1U);
  master().unsubscribe(leader);
}

TEST_F(MasterTest, WorkersThatLimitTheTestAreNoted) {
  master();
  ScriptedWorker& a = join("a_1");
  master().start(1, 1);
  loop_.advance(seconds(2));
  proto::Heartbeat heartbeat;
  heartbeat.state = "running";
  a.send(heartbeat);
  loop_.advance(milliseconds(50));
  EXPECT_TRUE(master().generator_bound().empty());
  heartbeat.extension = proto::HeartbeatExtension{.generator_bound = {"loop", "ports"}};
  a.send(heartbeat);
  loop_.advance(milliseconds(50));
  EXPECT_EQ(master().generator_bound(), std::set<std::string>{"a_1"});
}

TEST_F(MasterTest, TargetsOfClassesAreThoseOfTheLastRampThatIsOver) {
  master();
  join("a_1", {.classes = {"Admin", "Shop"}});
  EXPECT_TRUE(master().target_user_classes_count().empty());
  master().start(4, 2);
  loop_.advance(milliseconds(500));
  EXPECT_TRUE(master().target_user_classes_count().empty());
  loop_.advance(seconds(5));
  EXPECT_EQ(master().target_user_classes_count(), (UserCounts{{"Admin", 2}, {"Shop", 2}}));
  master().stop();
  loop_.advance(seconds(5));
  EXPECT_EQ(master().target_user_classes_count(), (UserCounts{{"Admin", 2}, {"Shop", 2}}));
}

TEST_F(MasterTest, AWorkerThatIsAllOfTheTestIsSentItsUsers) {
  for (const bool as_one : {true, false}) {
    master_.reset();
    workers_.clear();
    make_master({.as_one_process = as_one});
    ScriptedWorker& worker = join("a_1", {.names_weights = true});
    loop_.advance(seconds(1));
    master().start(6, 2);
    loop_.advance(milliseconds(100));
    const auto spawns = worker.got<proto::Spawn>();
    ASSERT_FALSE(spawns.empty());
    EXPECT_EQ(spawns[0]->extension.value_or(proto::SpawnExtension()).users_of_test,
              as_one ? std::optional(6) : std::nullopt);
  }
}

TEST_F(MasterTest, AListenerMayEndATestBeforeItHasUsers) {
  struct Listener final : MasterEvents {
    explicit Listener(Master& owner) : master(owner) {}
    void on_test_start() override { master.abandon_start(); }
    Master& master;
  } listener(master());
  master().subscribe(listener);
  ScriptedWorker& worker = join("a_1");
  master().start(2, 2);
  loop_.advance(seconds(2));
  EXPECT_TRUE(worker.got<proto::Spawn>().empty());
  EXPECT_EQ(master().state(), MasterState::kReady);
  master().unsubscribe(listener);
}

}  // namespace
}  // namespace locust::master
