// How a worker obeys: registration, spawn, stop, quit, and masters that fall silent or come back.
#include "worker/control/worker.h"

#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "tests/unit/worker/control/worker_fixture.h"

namespace locust::worker {
namespace {

TEST_F(WorkerTest, ClientReadyIsRepeatedEveryFiveSecondsUntilTheAck) {
  loop_.advance(seconds(12));
  EXPECT_EQ(got<proto::ClientReady>().size(), 3U);
  EXPECT_EQ(got<proto::ClientReady>()[0]->version, proto::Value(-1));
  EXPECT_EQ(got<proto::Heartbeat>().size(), 0U)
      << "nothing but client_ready goes out before the ack";
  EXPECT_EQ(got<proto::Stats>().size(), 0U);
  ack();
  loop_.advance(seconds(20));
  EXPECT_EQ(got<proto::ClientReady>().size(), 3U);
}

TEST_F(WorkerTest, TagsAndArgumentsOfTheMasterReachTheUsersWithEverySpawn) {
  using Tags = std::vector<std::string>;
  ack();
  proto::Spawn first = spawn({{"Shop", 1}});
  first.parsed_options = {{"tags", proto::Value::Array{"a", 5, "b"}},
                          {"exclude_tags", proto::Value()},
                          {"tenant", "acme"},
                          {"pages", 5},
                          {"share", 0.5F},
                          {"on", true},
                          {"none", proto::Value()},
                          {"list", proto::Value::Array{"x"}},
                          {7, "no name"}};
  send(first);
  EXPECT_EQ(users_.options.tags, (Tags{"a", "b"}));
  EXPECT_EQ(users_.options.exclude_tags, Tags{});
  std::vector<std::string> arguments;
  for (const auto& [name, value] : users_.options.arguments) {
    arguments.push_back(name + "=" + value.to_json());
  }
  EXPECT_EQ(arguments, (std::vector<std::string>{"tags=[\"a\", 5, \"b\"]", "exclude_tags=null",
                                                 "tenant=\"acme\"", "pages=5", "share=0.5",
                                                 "on=true", "none=null", "list=[\"x\"]"}));
  send(spawn({{"Shop", 2}}));
  EXPECT_FALSE(users_.options.tags);
  EXPECT_TRUE(users_.options.arguments.empty());
}

TEST_F(WorkerTest, SixtyOneAttemptsAreMadeThenItExitsWithAnError) {
  loop_.advance(seconds(304));
  EXPECT_EQ(got<proto::ClientReady>().size(), 61U);
  EXPECT_FALSE(exit_code_);
  loop_.advance(seconds(2));
  EXPECT_EQ(got<proto::ClientReady>().size(), 61U);
  EXPECT_EQ(exit_code_, 255);
}

TEST_F(WorkerTest, TheIndexOfTheAckReachesTheUsersAndAnAckWithoutOneIsFine) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{});
  EXPECT_EQ(users_.worker_index, -1);
  send(proto::Ack{.index = 7, .extra = {}});
  EXPECT_EQ(users_.worker_index, 7);
}

TEST_F(WorkerTest, TheSecretOfTheAckIsShownWithEachHeartbeat) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{.index = 0, .extended = true, .secret = "s3", .extra = {}});
  loop_.advance(seconds(3));
  const auto heartbeats = got<proto::Heartbeat>();
  ASSERT_EQ(heartbeats.size(), 4U);
  for (const proto::Heartbeat* heartbeat : heartbeats) {
    ASSERT_TRUE(heartbeat->extension);
    EXPECT_EQ(heartbeat->extension->secret, "s3");
  }
}

TEST_F(WorkerTest, ASpawnIsAnsweredBySpawningAndWhenDoneBySpawningComplete) {
  ack();
  users_.spawn_time = seconds(2);
  send(spawn({{"Shop", 3}, {"Admin", 0}}));
  EXPECT_EQ(story(), "Rs");
  EXPECT_EQ(worker_.state(), WorkerState::kSpawning);
  loop_.advance(seconds(3));
  EXPECT_EQ(story(), "Rsc");
  EXPECT_EQ(worker_.state(), WorkerState::kRunning);
  EXPECT_EQ(got<proto::SpawningComplete>()[0]->user_classes_count,
            (UserCounts{{"Shop", 3}, {"Admin", 0}}));
  EXPECT_EQ(got<proto::SpawningComplete>()[0]->user_count, 3);
  EXPECT_EQ(got<proto::Heartbeat>().back()->state, "running");
}

TEST_F(WorkerTest, ANewTestIsToldHowManyWorkersTheMasterExpects) {
  ack();
  auto message = spawn({{"Shop", 3}});
  message.parsed_options.emplace_back("expect_workers", 4);
  send(message);
  EXPECT_EQ(users_.settings().expect_workers, 4);
  send(proto::Stop{});
  loop_.advance(seconds(5));
  send(spawn({{"Shop", 3}}));
  EXPECT_EQ(users_.settings().expect_workers, 1);
}

TEST_F(WorkerTest, ANewTestIsToldHowManyTasksItsUsersMayBegin) {
  ack();
  auto message = spawn({{"Shop", 3}});
  message.extension = proto::SpawnExtension{.iterations = 7};
  send(message);
  EXPECT_EQ(users_.settings().tasks, 7U);
  send(proto::Stop{});
  loop_.advance(seconds(5));
  send(spawn({{"Shop", 3}}));
  EXPECT_EQ(users_.settings().tasks, std::nullopt);
}

TEST_F(WorkerTest, TheMasterSaysHowMuchEvidenceItWants) {
  ack();
  const auto level = [this](EvidenceLevel told) {
    auto message = spawn({{"Shop", 3}});
    message.extension = proto::SpawnExtension{.evidence = told};
    send(message);
    send(proto::Stop{});
    loop_.advance(seconds(5));
    return users_.settings().evidence;
  };
  EXPECT_EQ(level(EvidenceLevel::kHead), EvidenceLevel::kHead);
  EXPECT_EQ(level(EvidenceLevel::kNone), EvidenceLevel::kNone);
  send(spawn({{"Shop", 3}}));
  EXPECT_EQ(users_.settings().evidence, EvidenceLevel::kFull);
}

TEST_F(WorkerTest, AnEqualOrOlderTimestampIsAnsweredAndThenIgnored) {
  ack();
  auto message = spawn({{"Shop", 3}});
  send(message);
  send(message);
  message.timestamp -= 1;
  send(message);
  EXPECT_EQ(story(), "Rscss");
}

// A master that was restarted with its clock behind says `stop` to workers that it does not know.
TEST_F(WorkerTest, AfterAStopAnOlderTimestampIsObeyed) {
  ack();
  auto message = spawn({{"Shop", 3}});
  send(message);
  send(proto::Stop{});
  loop_.advance(seconds(1));
  ack();
  message.timestamp -= 3600;
  send(message);
  EXPECT_EQ(story(), "RscSRsc");
  EXPECT_EQ(users_.tests_begun(), 2);
  send(message);
  EXPECT_EQ(story(), "RscSRscs") << "and is compared with the next ones";
}

TEST_F(WorkerTest, ASpawnDuringASpawnSupersedesItAndOneCompletionFollows) {
  ack();
  users_.spawn_time = seconds(1);
  send(spawn({{"Shop", 3}}));
  send(spawn({{"Shop", 5}}));
  loop_.advance(seconds(3));
  EXPECT_EQ(story(), "Rssc");
  EXPECT_EQ(got<proto::SpawningComplete>()[0]->user_count, 5);
}

TEST_F(WorkerTest, UnknownClassesAreLeftOutAndTheRestIsDone) {
  ack();
  send(spawn({{"Nobody", 7}, {"Shop", 2}}));
  EXPECT_EQ(story(), "Rsc");
  EXPECT_EQ(got<proto::SpawningComplete>()[0]->user_classes_count,
            (UserCounts{{"Shop", 2}, {"Admin", 0}}));
}

TEST_F(WorkerTest, TheMastersHostAndStopTimeoutReachTheUsers) {
  ack();
  auto message = spawn({{"Shop", 1}}, 2.5);
  message.host = "http://there";
  send(message);
  EXPECT_EQ(users_.target().host, "http://there");
  EXPECT_EQ(users_.target().stop_timeout, milliseconds(2500));
}

TEST_F(WorkerTest, StatisticsAreClearedAtTheStartOfATestOnly) {
  ack();
  send(spawn({{"Shop", 1}}));
  send(spawn({{"Shop", 2}}));
  EXPECT_EQ(users_.tests_begun(), 1);
  send(proto::Stop{});
  loop_.advance(seconds(1));
  send(spawn({{"Shop", 1}}));
  EXPECT_EQ(users_.tests_begun(), 2);
}

TEST_F(WorkerTest, AStopSendsTheLastReportThenClientStoppedWaitsAndRegistersAgain) {
  ack();
  send(spawn({{"Shop", 1}}, 5));
  users_.stop_time = seconds(2);
  received_.clear();
  const TimePoint began = loop_.clock().now();
  send(proto::Stop{});
  users_.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 10);
  loop_.advance(seconds(20));
  EXPECT_EQ(story(), "SR");
  EXPECT_NEAR(to_seconds(times<proto::ClientStopped>()[0] - began), 2, 0.05);
  EXPECT_NEAR(to_seconds(times<proto::ClientReady>()[0] - times<proto::ClientStopped>()[0]), 5,
              0.05);
  std::int64_t requests_before_stopped = 0;
  for (const Received& received : received_) {
    if (std::holds_alternative<proto::ClientStopped>(received.message.payload)) break;
    if (const auto* stats = std::get_if<proto::Stats>(&received.message.payload)) {
      requests_before_stopped += stats->report.stats_total.num_requests;
    }
  }
  EXPECT_EQ(requests_before_stopped, 1);
  EXPECT_EQ(worker_.state(), WorkerState::kReady);
}

TEST_F(WorkerTest, AnIdleWorkerObeysStopAndTwoStopsGiveTwoAnswers) {
  ack();
  send(proto::Stop{});
  send(proto::Stop{});
  loop_.advance(seconds(1));
  EXPECT_EQ(story(), "RSRSR");
}

TEST_F(WorkerTest, ASpawnDuringAStopWaitsForItsEnd) {
  ack();
  send(spawn({{"Shop", 1}}, 3));
  received_.clear();
  users_.stop_time = seconds(1);
  send(proto::Stop{});
  send(spawn({{"Shop", 2}}, 3));
  EXPECT_EQ(story(), "");
  loop_.advance(seconds(10));
  EXPECT_EQ(story(), "SRsc");
}

TEST_F(WorkerTest, AStopWhileSpawningLeavesNoLateSpawningComplete) {
  ack();
  users_.spawn_time = seconds(1);
  send(spawn({{"Shop", 1}}));
  send(proto::Stop{});
  loop_.advance(seconds(5));
  EXPECT_EQ(story(), "RsSR");
}

TEST_F(WorkerTest, QuitSendsAFinalReportWithoutUsersThenQuitAndExitsWithZero) {
  ack();
  send(spawn({{"Shop", 3}}));
  users_.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 10);
  received_.clear();
  send(proto::Quit{});
  send(proto::Quit{});
  EXPECT_EQ(story(), "Q");
  ASSERT_EQ(got<proto::Stats>().size(), 1U);
  EXPECT_EQ(got<proto::Stats>()[0]->user_count, 0);
  EXPECT_EQ(got<proto::Stats>()[0]->report.stats_total.num_requests, 1);
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(WorkerTest, QuitDuringTheWaitAfterAStopDoesNotWaitForItsEnd) {
  ack();
  send(spawn({{"Shop", 1}}, 30));
  send(proto::Stop{});
  loop_.advance(seconds(2));
  send(proto::Quit{});
  EXPECT_EQ(story(), "RscSQ");
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(WorkerTest, ASignalEndsItLikeAQuitAndASecondOneAtOnce) {
  ack();
  send(spawn({{"Shop", 1}}, 10));
  users_.stop_time = seconds(8);
  worker_.interrupt();
  loop_.advance(seconds(1));
  EXPECT_FALSE(exit_code_);
  EXPECT_EQ(users_.stop_timeouts().back(), seconds(10));
  worker_.interrupt();
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(WorkerTest, TheEndIsReportedOnceThoughTheUsersStopAfterIt) {
  ack();
  send(spawn({{"Shop", 1}}, 10));
  users_.stop_time = seconds(8);
  worker_.interrupt();
  loop_.advance(seconds(1));
  worker_.interrupt();
  loop_.advance(seconds(60));
  worker_.interrupt();
  EXPECT_EQ(times_finished_, 1);
}

TEST_F(WorkerTest, ARepeatedQuitStopsTheUsersOnce) {
  ack();
  send(spawn({{"Shop", 1}}, 10));
  users_.stop_time = seconds(8);
  for (int i = 0; i < 3; ++i) send(proto::Quit{});
  loop_.advance(seconds(20));
  EXPECT_EQ(users_.stop_timeouts().size(), 1U);
  EXPECT_EQ(story(), "RscQ");
  EXPECT_EQ(times_finished_, 1);
}

TEST_F(WorkerTest, AStopDuringAQuitIsNotAnswered) {
  ack();
  send(spawn({{"Shop", 1}}, 10));
  users_.stop_time = seconds(8);
  send(proto::Quit{});
  send(proto::Stop{});
  loop_.advance(seconds(60));
  EXPECT_EQ(users_.stop_timeouts().size(), 1U);
  EXPECT_EQ(story(), "RscQ");
}

TEST_F(WorkerTest, ASilentMasterIsGivenUpSixtySecondsAfterItsLastHeartbeat) {
  ack();
  send(proto::HeartbeatReply{});
  loop_.advance(seconds(59));
  EXPECT_FALSE(exit_code_);
  loop_.advance(seconds(3));
  EXPECT_EQ(exit_code_, 0);
  EXPECT_EQ(story(), "RQ");
}

TEST_F(WorkerTest, AWorkerThatWasFrozenDoesNotBlameTheMaster) {
  ack();
  send(proto::HeartbeatReply{});
  loop_.manual_clock().advance(std::chrono::minutes(5));
  loop_.advance(seconds(3));
  EXPECT_FALSE(exit_code_);
  loop_.advance(seconds(60));
  EXPECT_EQ(exit_code_, 0) << "silence while awake counts";
}

TEST_F(WorkerTest, AMasterThatNeverSentAHeartbeatIsNeverGivenUp) {
  ack();
  loop_.advance(std::chrono::minutes(10));
  EXPECT_FALSE(exit_code_);
}

TEST_F(WorkerTest, TheSilenceOfTheMasterDuringALongStopIsExpected) {
  ack();
  send(spawn({{"Shop", 1}}, 70));
  send(proto::HeartbeatReply{});
  users_.stop_time = seconds(69);
  send(proto::Stop{});
  loop_.advance(seconds(145));
  EXPECT_FALSE(exit_code_);
  EXPECT_EQ(story(), "RscSR");
  users_.stop_time = {};
  loop_.advance(seconds(62));
  EXPECT_EQ(exit_code_, 0) << "silence counts again once the stop is over";
}

TEST_F(WorkerTest, UnknownAndUndecodableMessagesAreSurvived) {
  ack();
  send(proto::Custom{"hello", proto::Value(5)});
  network_.master().send(kId, "\xc1");
  network_.master().send(kId, "");
  send(proto::MasterSpawningComplete{.user_count = 5, .extra = {}});
  send(proto::UpdateUserClass{"Shop", {}});
  send(spawn({{"Shop", 1}}));
  EXPECT_EQ(story(), "Rsc");
}

TEST_F(WorkerTest, ASpawnBeforeTheAckIsNotAnswered) {
  loop_.advance(milliseconds(5));
  send(spawn({{"Shop", 1}}));
  EXPECT_EQ(story(), "R");
}

TEST_F(WorkerTest, TheEndOfSpawningReachesTheUsers) {
  ack();
  send(spawn({{"Shop", 1}}));
  send(proto::MasterSpawningComplete{.user_count = 1, .extra = {}});
  EXPECT_EQ(users_.all_spawned_calls, 1);
}

TEST_F(WorkerTest, TestStopRunsBetweenTheLastReportAndClientStopped) {
  ack();
  send(spawn({{"Shop", 1}}));
  users_.end_time = seconds(2);
  send(proto::Stop{});
  loop_.advance(seconds(1));
  EXPECT_EQ(users_.end_limits, std::vector<Duration>{Worker::kTestStopLimit});
  EXPECT_EQ(got<proto::ClientStopped>().size(), 0U);
  loop_.advance(seconds(2));
  EXPECT_EQ(got<proto::ClientStopped>().size(), 1U);
  EXPECT_EQ(story(), "RscSR");
}

TEST_F(WorkerTest, WhatTheTestSendsWhenItQuitsComesBeforeTheEnd) {
  ack();
  users_.on_quitting = [this] {
    worker_.send_message("bye", {});
    return ProcessEnd();
  };
  received_.clear();
  send(proto::Quit{});
  ASSERT_EQ(got<proto::Custom>().size(), 1U);
  EXPECT_EQ(got<proto::Custom>()[0]->type, "bye");
  EXPECT_TRUE(std::holds_alternative<proto::Quit>(received_.back().message.payload));
}

TEST_F(WorkerTest, AMastersChangesOfAClassReachTheUsers) {
  ack();
  send(proto::UpdateUserClass{
      .user_class_name = "Shop",
      .attributes = {
          {"host", "http://new"}, {"weight", 5}, {"tasks", proto::Value::Array{"a", 1, "b"}}}});
  send(proto::UpdateUserClass{.user_class_name = "Shop",
                              .attributes = {{"host", proto::Value()}, {"tasks", 5}}});
  send(proto::UpdateUserClass{.user_class_name = "Nobody", .attributes = {}});
  ASSERT_EQ(users_.updates.size(), 2U);
  EXPECT_EQ(users_.updates[0].class_name, "Shop");
  EXPECT_EQ(users_.updates[0].host, "http://new");
  EXPECT_EQ(users_.updates[0].tasks, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(users_.updates[1].host);
  EXPECT_FALSE(users_.updates[1].tasks);
}

TEST_F(WorkerTest, CustomMessagesReachTheirHandlerAndGoOut) {
  ack();
  worker_.register_message("hello");
  send(proto::Custom{"hello", proto::Value::Map{{"a", 1}}});
  send(proto::Custom{"other", proto::Value()});
  ASSERT_EQ(users_.received.size(), 1U);
  EXPECT_EQ(users_.received[0].first, "hello");
  EXPECT_EQ(users_.received[0].second, proto::Value(proto::Value::Map{{"a", 1}}));
  worker_.send_message("answer", proto::Value::Array{1, "x"});
  loop_.advance(milliseconds(5));
  ASSERT_EQ(got<proto::Custom>().size(), 1U);
  EXPECT_EQ(got<proto::Custom>()[0]->type, "answer");
  EXPECT_EQ(got<proto::Custom>()[0]->data, proto::Value(proto::Value::Array({1, "x"})));
}

TEST_F(WorkerTest, AMasterThatWasRestartedIsJoinedAgain) {
  ack();
  send(spawn({{"Shop", 2}}));
  const auto answer_for = [this](int times) {
    for (int i = 0; i < times; ++i) {
      loop_.advance(seconds(1));
      send(proto::HeartbeatReply{});
    }
  };
  answer_for(3);
  network_.set_master_up(false);
  loop_.advance(seconds(3));
  network_.set_master_up(true);
  loop_.advance(seconds(4));
  EXPECT_EQ(story(), "Rsc") << "it may still answer";
  loop_.advance(seconds(3));
  EXPECT_EQ(story(), "RscSR") << "client_stopped, then client_ready";
  EXPECT_EQ(worker_.state(), WorkerState::kReady);
  ack();
  proto::Spawn older = spawn({{"Shop", 1}});
  older.timestamp -= 1000;  // the new master's clock is behind
  send(older);
  EXPECT_EQ(story(), "RscSRsc");
}

TEST_F(WorkerTest, AMasterThatIsRestartedWhileThisWorkerEndsIsNotJoinedAgain) {
  std::ostringstream log;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log));
  ack();
  send(spawn({{"Shop", 2}}, 30));
  send(proto::HeartbeatReply{});
  users_.stop_time = seconds(30);
  worker_.interrupt();
  network_.set_master_up(false);
  loop_.advance(seconds(3));
  network_.set_master_up(true);
  loop_.advance(seconds(60));
  log::capture(nullptr);
  EXPECT_EQ(log.str().find("was restarted"), std::string::npos);
  EXPECT_EQ(users_.stop_timeouts().size(), 1U);
  EXPECT_EQ(story(), "RscQ");
  EXPECT_EQ(times_finished_, 1);
}

TEST_F(WorkerTest, AMasterThatAnswersAgainIsTheSameOne) {
  ack();
  send(spawn({{"Shop", 2}}));
  send(proto::HeartbeatReply{});
  network_.set_master_up(false);
  loop_.advance(seconds(20));
  network_.set_master_up(true);
  for (int i = 0; i < 20; ++i) {
    loop_.advance(seconds(1));
    send(proto::HeartbeatReply{});
  }
  EXPECT_EQ(story(), "Rsc") << "the users went on all the time";
}

TEST_F(WorkerTest, AMasterThatNeverAnsweredIsNotTakenForAnother) {
  ack();
  network_.set_master_up(false);
  loop_.advance(seconds(3));
  network_.set_master_up(true);
  loop_.advance(seconds(30));
  EXPECT_EQ(story(), "R") << "masters before 2.19 answer no heartbeat";
}

class PatienceTest : public WorkerTest {
 protected:
  // Attempts and the exit code after `time` with that patience.
  std::pair<std::size_t, std::optional<int>> try_for(Duration patience, Duration time) {
    struct End final : WorkerEvents {
      void stop_timeout_set(Duration) override {}
      void ending(Duration) override {}
      void finished(int exit_code) override { code = exit_code; }
      std::optional<int> code;
    } end;
    fakes::SimulatedLoop loop;
    fakes::FakeNetwork network(loop);
    std::size_t attempts = 0;
    network.master().on_message([&](std::string_view, std::string_view) { ++attempts; });
    const auto transport = network.connect(kId);
    fakes::FakeUserLoop users(loop, {"Shop"});
    Worker worker(loop, *transport, users,
                  {.client_id = kId,
                   .master_address = "m:5557",
                   .host = std::nullopt,
                   .connect_timeout = patience,
                   .user_classes = {}},
                  end);
    worker.begin();
    loop.advance(time);
    return {attempts, end.code};
  }
};

TEST_F(PatienceTest, ConnectTimeoutBoundsTheAttempts) {
  using Outcome = std::pair<std::size_t, std::optional<int>>;
  EXPECT_EQ(try_for(seconds(3), milliseconds(2900)), (Outcome{1, std::nullopt}));
  EXPECT_EQ(try_for(seconds(3), milliseconds(3100)), (Outcome{1, Worker::kExitCodeNoMaster}));
  EXPECT_EQ(try_for(seconds(12), seconds(60)), (Outcome{3, Worker::kExitCodeNoMaster}));
  EXPECT_EQ(try_for(seconds(0), seconds(999)), (Outcome{200, std::nullopt})) << "0 is for ever";
}

TEST_F(WorkerTest, TheUsersOfTheWholeTestAreAMatterOfOurMasters) {
  ack();
  send(spawn({{"Shop", 2}}));
  EXPECT_FALSE(users_.target().users_of_test);
  proto::Spawn of_ours = spawn({{"Shop", 4}});
  of_ours.timestamp += 1;
  of_ours.extension = proto::SpawnExtension{.users_of_test = 50};
  send(of_ours);
  EXPECT_EQ(users_.target().users_of_test, 50);
}

}  // namespace
}  // namespace locust::worker
