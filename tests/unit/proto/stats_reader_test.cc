#include "proto/stats_reader.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "tests/fakes/captures.h"
#include "tests/fakes/report_readers.h"
#include "tests/unit/proto/wire_helpers.h"

namespace locust::proto {
namespace {

using fakes::readers_agree;

// One captured report of each worker, size and state.
std::vector<std::string> captured_reports() {
  std::vector<std::string> reports;
  std::set<std::pair<std::string, std::size_t>> seen;
  for (const CapturedFrame& frame : load_captures()) {
    if (!frame.from_worker || frame.payload.find("\xa5stats") != 1) continue;
    if (seen.emplace(frame.identity, frame.payload.size()).second) reports.push_back(frame.payload);
  }
  return reports;
}

std::string own_report() {
  RequestStats stats(1.7e9, StatsRole::kWorker);
  stats.record_precisely(true);
  for (int i = 0; i < 100; ++i) {
    stats.log_request(
        1.7e9 + i, "GET", i % 2 == 0 ? "/a" : "/ä", Number(0.37 * i * i), 512,
        {.dns = {}, .connect = std::chrono::microseconds(i), .tls = {}, .first_byte = {}});
  }
  stats.log_request(1.7e9, "GET", "/none", std::nullopt, 0);
  for (const char* error : {"boom", "bang"}) stats.log_error(1.7e9 + 7, "GET", "/a", error);
  StatsReport report = stats.get_stripped_report(1.7e9 + 100);
  for (auto& [key, error] : report.errors) error.exchange.reset();
  return encode({Stats{.report = std::move(report),
                       .user_classes_count = {{"Shop", 3}, {"Admin", 0}},
                       .user_count = 3,
                       .extension = StatsExtension{.tasks = 250},
                       .extra = {}},
                 "h_1"});
}

TEST(ReadUsualReport, TakesEveryCapturedReportAndReadsWhatTheCodecReads) {
  const std::vector<std::string> reports = captured_reports();
  EXPECT_GT(reports.size(), 100U);
  for (const std::string& bytes : reports) {
    ASSERT_TRUE(read_usual_report(bytes)) << parse(bytes)->kind_name();
    EXPECT_TRUE(readers_agree(bytes));
  }
}

TEST(ReadUsualReport, TakesWhatOurWorkersSend) {
  const std::string bytes = own_report();
  const auto message = read_usual_report(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->node_id, "h_1");
  EXPECT_EQ(encode(*message), bytes);
  EXPECT_TRUE(readers_agree(bytes));
}

TEST(ReadUsualReport, LeavesWhatIsUnusualToTheCodec) {
  const Value usual = parse(own_report())->array()->at(1);
  const Value total = *usual.find("stats_total");
  ASSERT_TRUE(read_usual_report(frame("stats", usual)));
  Value twice = usual;
  twice.get_if<Value::Map>()->emplace_back("user_count", 4);
  const Value unusual[] = {
      with(usual, "more", 1),
      without(usual, "errors"),
      twice,
      with(usual, kExtensionKey, Value::Map{}),
      with(usual, kExtensionKey, Value::Map{{"tasks", "7"}}),
      with(usual, kExtensionKey, Value::Map{{"tasks", 7}, {"stop_test", true}}),
      with(usual, "user_classes_count", Value::Map{{"A", 1}, {"A", 2}}),
      with(usual, "stats_total", with(total, "response_times", Value::Map{{4000, 1}, {4000.0, 2}})),
      with(usual, "stats_total", with(total, "num_reqs_per_sec", Value::Map{{5, 1}, {5.5, 2}})),
      with(usual, "stats_total", with(total, "num_requests", "5")),
      with(usual, "stats_total", without(total, "method")),
  };
  for (const Value& data : unusual) EXPECT_FALSE(read_usual_report(frame("stats", data)));
  EXPECT_FALSE(read_usual_report(frame("stats", usual) + "\xc0"));
  EXPECT_FALSE(read_usual_report(frame("stats", usual, 5)));
  EXPECT_FALSE(read_usual_report(frame("heartbeat", Value::Map{})));
  EXPECT_TRUE(read_usual_report(frame("stats", usual, Value()))) << "no node id at all";
}

// Single changed bytes are what turns one kind of value into another.
TEST(ReadUsualReport, AgreesWithTheCodecOnDamagedReports) {
  std::vector<std::string> reports = captured_reports();
  reports.push_back(own_report());
  std::mt19937 random(1);
  int taken = 0;
  for (int round = 0; round < 8'000; ++round) {
    std::string bytes = reports[random() % reports.size()];
    for (auto changes = random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    taken += read_usual_report(bytes) ? 1 : 0;
    ASSERT_TRUE(readers_agree(bytes)) << "round " << round;
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace locust::proto
