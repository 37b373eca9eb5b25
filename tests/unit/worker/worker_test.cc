// The worker's state machine in simulated time, against a master that says what the test wants.
#include "worker/worker.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "common/log.h"
#include "proto/codec.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/fake_user_loop.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int count_of(const std::string& text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    network_.master().on_message([this](std::string_view, std::string_view payload) {
      auto message = proto::decode_from_worker(payload);
      ASSERT_TRUE(message) << message.error();
      EXPECT_EQ(message->node_id, kId);
      received_.push_back({loop_.clock().now(), std::move(*message)});
    });
    worker_.begin();
  }

  template <typename Payload>
  void send(Payload payload) {
    network_.master().send(kId, proto::encode({std::move(payload), kId}));
    loop_.advance(milliseconds(5));
  }
  void ack() {
    loop_.advance(milliseconds(5));
    send(proto::Ack{.index = 0, .extra = {}});
  }
  proto::Spawn spawn(proto::UserClassesCount counts, double stop_timeout = 0) {
    proto::Spawn message;
    message.timestamp = loop_.clock().wall_time();
    message.user_classes_count = std::move(counts);
    message.stop_timeout = stop_timeout;
    return message;
  }

  struct Received {
    TimePoint at;
    proto::Message message;
  };
  // What has arrived of that kind.
  template <typename Payload>
  std::vector<const Payload*> got() const {
    std::vector<const Payload*> result;
    for (const Received& received : received_) {
      if (const auto* payload = std::get_if<Payload>(&received.message.payload))
        result.push_back(payload);
    }
    return result;
  }
  template <typename Payload>
  std::vector<TimePoint> times() const {
    std::vector<TimePoint> result;
    for (const Received& received : received_) {
      if (std::holds_alternative<Payload>(received.message.payload)) result.push_back(received.at);
    }
    return result;
  }
  // The order of arrival of all but heartbeats and periodic reports, one letter each.
  std::string story() const {
    std::string text;
    for (const Received& received : received_) {
      const auto& payload = received.message.payload;
      if (std::holds_alternative<proto::ClientReady>(payload)) text += 'R';
      if (std::holds_alternative<proto::Spawning>(payload)) text += 's';
      if (std::holds_alternative<proto::SpawningComplete>(payload)) text += 'c';
      if (std::holds_alternative<proto::ClientStopped>(payload)) text += 'S';
      if (std::holds_alternative<proto::Quit>(payload)) text += 'Q';
    }
    return text;
  }

  static constexpr const char* kId = "host_0123";
  fakes::SimulatedLoop loop_;
  fakes::FakeNetwork network_{loop_};
  std::unique_ptr<proto::WorkerTransport> transport_ = network_.connect(kId);
  fakes::FakeUserLoop users_{loop_, {"Shop", "Admin"}};
  std::optional<int> exit_code_;
  std::vector<Received> received_;
  Worker worker_{
      loop_,
      *transport_,
      users_,
      {.client_id = kId,
       .master_address = "127.0.0.1:5557",
       .host = std::nullopt,
       .additional_wait = {},
       .user_classes = {{.name = "Shop", .weight = 3, .fixed_count = 0, .host = {}, .tasks = {}}}},
      [this](int code) { exit_code_ = code; }};
};

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

TEST_F(WorkerTest, SixtyOneAttemptsAreMadeThenItExitsWithAnError) {
  loop_.advance(seconds(304));
  EXPECT_EQ(got<proto::ClientReady>().size(), 61U);
  EXPECT_FALSE(exit_code_);
  loop_.advance(seconds(2));
  EXPECT_EQ(got<proto::ClientReady>().size(), 61U);
  EXPECT_EQ(exit_code_, 255);
}

TEST_F(WorkerTest, HeartbeatsComeEverySecondAndReportsEveryThreeFromTheAckOn) {
  ack();
  loop_.advance(seconds(60));
  const auto heartbeats = times<proto::Heartbeat>();
  const auto reports = times<proto::Stats>();
  ASSERT_EQ(heartbeats.size(), 61U);
  ASSERT_EQ(reports.size(), 21U);
  EXPECT_LE(heartbeats.front(), reports.front());
  for (std::size_t i = 1; i < heartbeats.size(); ++i)
    EXPECT_EQ(heartbeats[i] - heartbeats[i - 1], seconds(1));
  for (std::size_t i = 1; i < reports.size(); ++i)
    EXPECT_EQ(reports[i] - reports[i - 1], seconds(3));
}

TEST_F(WorkerTest, TheFirstReportAfterEachAckNamesTheClasses) {
  ack();
  loop_.advance(seconds(4));
  send(proto::Ack{});
  loop_.advance(seconds(6));
  const auto reports = got<proto::Stats>();
  ASSERT_GE(reports.size(), 4U);
  ASSERT_TRUE(reports[0]->extension);
  EXPECT_EQ(reports[0]->extension->user_classes.at(0).name, "Shop");
  EXPECT_EQ(reports[0]->extension->user_classes.at(0).weight, 3);
  EXPECT_FALSE(reports[1]->extension);
  EXPECT_TRUE(reports[2]->extension);
  EXPECT_FALSE(reports[3]->extension);
}

TEST_F(WorkerTest, TheIndexOfTheAckReachesTheUsersAndAnAckWithoutOneIsFine) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{});
  EXPECT_EQ(users_.worker_index, -1);
  send(proto::Ack{.index = 7, .extra = {}});
  EXPECT_EQ(users_.worker_index, 7);
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
            (proto::UserClassesCount{{"Admin", 0}, {"Shop", 3}}));
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

TEST_F(WorkerTest, AnEqualOrOlderTimestampIsAnsweredAndThenIgnored) {
  ack();
  auto message = spawn({{"Shop", 3}});
  send(message);
  send(message);
  message.timestamp -= 1;
  send(message);
  EXPECT_EQ(story(), "Rscss");
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
            (proto::UserClassesCount{{"Admin", 0}, {"Shop", 2}}));
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

TEST_F(WorkerTest, HistogramsAreSentOnlyToAMasterThatUnderstandsThem) {
  ack();
  for (const bool extended : {false, true, false}) {
    send(proto::Ack{.index = 0, .extended = extended, .extra = {}});
    users_.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(12.5), 0);
    received_.clear();
    loop_.advance(seconds(3));
    const StatsEntry& entry = got<proto::Stats>().at(0)->report.stats.at(0);
    EXPECT_EQ(entry.precise.response_time.count(), extended ? 1 : 0);
  }
}

TEST_F(WorkerTest, EvidenceIsSentOnlyToAMasterThatUnderstandsIt) {
  ack();
  for (const bool extended : {false, true}) {
    send(proto::Ack{.index = 0, .extended = extended, .extra = {}});
    users_.stats().clear_all(loop_.clock().wall_time());
    auto* evidence = users_.stats().log_error(loop_.clock().wall_time(), "GET", "/", "boom");
    *evidence = std::make_shared<const FailedExchange>(FailedExchange{"GET /", "", "", {"x = 1"}});
    received_.clear();
    loop_.advance(seconds(3));
    const StatsError& error = got<proto::Stats>().at(0)->report.errors.at(0).second;
    ASSERT_EQ(error.exchange != nullptr, extended);
    if (extended) {
      EXPECT_EQ(error.exchange->to_text(""), "GET /\nwhere x = 1\n");
    }
  }
}

TEST_F(WorkerTest, ReconnectIsPassedToTheTransportAndReportsGoOn) {
  ack();
  send(proto::Reconnect{});
  EXPECT_EQ(network_.reconnects(kId), 1);
  received_.clear();
  loop_.advance(seconds(6));
  EXPECT_EQ(got<proto::Stats>().size(), 2U);
  EXPECT_EQ(story(), "") << "no client_ready after a reconnect";
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

TEST_F(WorkerTest, EachKindOfExceptionIsLoggedOnceInATestAndTheOthersAreCounted) {
  std::ostringstream text;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(text));
  ack();
  for (int test = 0; test < 2; ++test) {
    send(spawn({{"Shop", 1}}));
    for (int i = 0; i < 5; ++i) worker_.report_exception({"boom", "trace"});
    loop_.advance(seconds(4));
    send(proto::Stop{});
    loop_.advance(seconds(1));
  }
  log::capture(nullptr);
  EXPECT_EQ(count_of(text.str(), "boom\ntrace"), 2);
  EXPECT_EQ(count_of(text.str(), "4 more exceptions like those above"), 2);
}

TEST_F(WorkerTest, ExceptionsAreSentUpToALimitPerSecond) {
  ack();
  for (int i = 0; i < 1000; ++i) worker_.report_exception({"boom", "trace"});
  loop_.advance(milliseconds(100));
  EXPECT_EQ(got<proto::Exception>().size(), static_cast<std::size_t>(Worker::kExceptionsPerSecond));
  EXPECT_EQ(got<proto::Exception>()[0]->msg, "boom");
  EXPECT_EQ(got<proto::Exception>()[0]->traceback, "trace");
  loop_.advance(seconds(1));
  worker_.report_exception({"boom", "trace"});
  loop_.advance(milliseconds(100));
  EXPECT_EQ(got<proto::Exception>().size(),
            static_cast<std::size_t>(Worker::kExceptionsPerSecond) + 1);
}

}  // namespace
}  // namespace locust::worker
