// What a worker reports and tells of itself, and to which masters.
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "tests/unit/worker/control/worker_fixture.h"

namespace locust::worker {
namespace {

int count_of(const std::string& text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
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

TEST_F(WorkerTest, DigestsOfItsFilesAreToldOnceAfterEachAckOfAMasterThatUnderstandsThem) {
  ack();
  for (const bool extended : {false, true, true, false}) {
    send(proto::Ack{.index = 0, .extended = extended, .extra = {}});
    received_.clear();
    loop_.advance(seconds(6));
    const auto reports = got<proto::Stats>();
    ASSERT_EQ(reports.size(), 2U);
    ASSERT_TRUE(reports[0]->extension);
    EXPECT_EQ(reports[0]->extension->files,
              extended ? (FileDigests{{"shop.yaml", digest_}}) : FileDigests());
    EXPECT_FALSE(reports[1]->extension);
  }
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

TEST_F(WorkerTest, TheFirstFailureOfEachKindIsLoggedOnceWithItsEvidenceWhateverTheMaster) {
  std::ostringstream text;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(text));
  ack();
  auto* evidence = users_.stats().log_error(loop_.clock().wall_time(), "GET", "/", "boom");
  *evidence = std::make_shared<const FailedExchange>(FailedExchange{"GET /", "", "", {"x = 1"}});
  for (int i = 0; i < 3; ++i) {
    loop_.advance(seconds(3));
    users_.stats().log_error(loop_.clock().wall_time(), "GET", "/", "boom");
  }
  loop_.advance(seconds(3));
  log::capture(nullptr);
  EXPECT_EQ(count_of(text.str(), "First failure of GET /: boom\n    GET /\n    where x = 1"), 1);
}

TEST_F(WorkerTest, ExceptionsAreMasked) {
  ack();
  send(spawn({{"Shop", 1}}));
  worker_.report_exception({"no for /?token=abc", "  post(json={'password': 'abc'})\n"});
  loop_.advance(seconds(1));
  const auto exceptions = got<proto::Exception>();
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0]->msg, "no for /?token=***");
  EXPECT_EQ(exceptions[0]->traceback, "  post(json={'password': '***'})\n");
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
  EXPECT_EQ(got<proto::Exception>().size(), static_cast<std::size_t>(ExceptionReports::kPerSecond));
  EXPECT_EQ(got<proto::Exception>()[0]->msg, "boom");
  EXPECT_EQ(got<proto::Exception>()[0]->traceback, "trace");
  loop_.advance(seconds(1));
  worker_.report_exception({"boom", "trace"});
  loop_.advance(milliseconds(100));
  EXPECT_EQ(got<proto::Exception>().size(),
            static_cast<std::size_t>(ExceptionReports::kPerSecond) + 1);
}

TEST_F(WorkerTest, StopTestAsksAMasterOfOursOnce) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{.index = 0, .extended = true, .extra = {}});
  send(spawn({{"Shop", 1}}));
  const auto asked = [this] {
    int count = 0;
    for (const proto::Stats* stats : got<proto::Stats>()) {
      if (stats->extension && stats->extension->stop_test) ++count;
    }
    return count;
  };
  std::ostringstream text;
  log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(text));
  worker_.stop_test("a step ends it");
  worker_.stop_test("a step ends it");
  log::capture(nullptr);
  EXPECT_EQ(text.str().find("a step ends it"), text.str().rfind("a step ends it"));
  EXPECT_NE(text.str().find("a step ends it"), std::string::npos);
  loop_.advance(seconds(10));
  EXPECT_EQ(asked(), 1);
  EXPECT_FALSE(exit_code_);
  send(proto::Stop{});
  loop_.advance(seconds(1));
  send(spawn({{"Shop", 1}}));
  worker_.stop_test({});
  loop_.advance(seconds(1));
  EXPECT_EQ(asked(), 2) << "once in each test";
}

TEST_F(WorkerTest, StopTestUnderAStockMasterMakesThisWorkerQuit) {
  ack();
  send(spawn({{"Shop", 1}}));
  worker_.stop_test({});
  loop_.advance(seconds(1));
  EXPECT_EQ(story(), "RscQ");
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(WorkerTest, LogsGoOnlyToMastersThatShowThemAndOnlyWhatIsNew) {
  ack();
  logs_ = {{"a", "b"}, 2};
  loop_.advance(seconds(30));
  EXPECT_EQ(got<proto::Logs>().size(), 0U) << "a master before 2.29 would warn of each";
  send(proto::MasterSpawningComplete{.user_count = 1, .extra = {}});
  ASSERT_EQ(got<proto::Logs>().size(), 1U);
  EXPECT_EQ(got<proto::Logs>()[0]->worker_id, kId);
  EXPECT_EQ(got<proto::Logs>()[0]->logs, (std::vector<std::string>{"a", "b"}));
  loop_.advance(seconds(30));
  EXPECT_EQ(got<proto::Logs>().size(), 1U);
  logs_ = {{"a", "b", "c"}, 3};
  loop_.advance(seconds(10));
  EXPECT_EQ(got<proto::Logs>().size(), 2U);
  logs_.total += 71;
  loop_.advance(seconds(10));
  EXPECT_EQ(got<proto::Logs>().size(), 3U);
  logs_.total += 5;
  loop_.advance(seconds(30));
  EXPECT_EQ(got<proto::Logs>().size(), 3U) << "never again after a flood";
}

TEST_F(WorkerTest, ItsOwnLimitsAreToldToAMasterOfOurs) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{.index = 0, .extended = true, .extra = {}});
  send(spawn({{"Shop", 1}}));
  users_.loop_lag = milliseconds(400);
  for (int i = 0; i < 3; ++i) {
    users_.stats().log_error(loop_.clock().wall_time(), "GET", "/x",
                             "OSError(99, 'Cannot assign requested address')");
  }
  loop_.advance(seconds(8));
  const proto::Heartbeat& heartbeat = *got<proto::Heartbeat>().back();
  ASSERT_TRUE(heartbeat.extension);
  EXPECT_EQ(heartbeat.extension->loop_lag_ms, 400);
  EXPECT_EQ(heartbeat.extension->generator_bound, (std::vector<std::string>{"loop", "ports"}));
}

TEST_F(WorkerTest, ACpuQuotaThatIsUsedUpDuringTheTestIsToldToAMasterOfOurs) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{.index = 0, .extended = true, .extra = {}});
  throttled_periods_ += 50;  // before the test
  send(spawn({{"Shop", 1}}));
  const auto bound = [this] {
    return got<proto::Heartbeat>().back()->extension.value().generator_bound;
  };
  loop_.advance(seconds(10));
  EXPECT_EQ(bound(), std::vector<std::string>());
  for (int i = 0; i < 3; ++i) {
    throttled_periods_ += 5;
    loop_.advance(seconds(3));
  }
  EXPECT_EQ(bound(), (std::vector<std::string>{"cpu"}));
}

TEST_F(WorkerTest, HeartbeatsToStockMastersHaveStocksKeysOnly) {
  ack();
  send(spawn({{"Shop", 1}}));
  users_.loop_lag = milliseconds(400);
  loop_.advance(seconds(8));
  for (const proto::Heartbeat* heartbeat : got<proto::Heartbeat>()) {
    EXPECT_TRUE(heartbeat->extra.empty());
  }
}

TEST_F(WorkerTest, MastersOfOursAreSentHowTestCodeEndsTheProcess) {
  loop_.advance(milliseconds(5));
  send(proto::Ack{.index = 0, .extended = true, .extra = {}});
  users_.on_quitting = [] {
    return ProcessEnd{.exit_code = 7, .asked_for = true, .uncaught = true};
  };
  worker_.exit();
  loop_.advance(milliseconds(100));
  EXPECT_EQ(exit_code_, 7);
  EXPECT_EQ(users_.stop_timeouts(), std::vector<Duration>{Duration::zero()});
  const auto reports = got<proto::Stats>();
  ASSERT_TRUE(reports.back()->extension);
  EXPECT_EQ(reports.back()->extension->exit_code, 7);
  EXPECT_TRUE(reports.back()->extension->uncaught);
  EXPECT_TRUE(std::holds_alternative<proto::Quit>(received_.back().message.payload));
}

TEST_F(WorkerTest, OtherMastersAreSentNoMoreThanQuit) {
  ack();
  users_.on_quitting = [] { return ProcessEnd{.exit_code = 7, .asked_for = true}; };
  loop_.advance(seconds(1));
  const std::size_t before = got<proto::Stats>().size();
  worker_.exit();
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_code_, 7);
  EXPECT_EQ(got<proto::Stats>().size(), before + 1) << "the last report and no other";
  EXPECT_EQ(story(), "RQ");
}

TEST_F(WorkerTest, AnExitAfterAnotherEndChangesNothing) {
  ack();
  worker_.interrupt();
  worker_.exit();
  loop_.advance(seconds(1));
  EXPECT_EQ(users_.stop_timeouts().size(), 1U);
  EXPECT_EQ(exit_code_, 0);
}

TEST_F(WorkerTest, TasksAreCountedForMastersOfOursOnly) {
  for (const bool extended : {true, false}) {
    loop_.advance(milliseconds(5));
    send(proto::Ack{.index = 0, .extended = extended, .extra = {}});
    received_.clear();
    users_.tasks_begun = 3;
    loop_.advance(seconds(3));
    users_.tasks_begun = 4;
    loop_.advance(seconds(3));
    std::int64_t tasks = 0;
    for (const proto::Stats* report : got<proto::Stats>()) {
      if (report->extension) tasks += report->extension->tasks.value_or(0);
    }
    EXPECT_EQ(tasks, extended ? 7 : 0);
  }
}

}  // namespace
}  // namespace locust::worker
