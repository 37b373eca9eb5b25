#include "proto/stats_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/histogram_wire.h"
#include "tests/unit/proto/wire_helpers.h"

namespace locust::proto {
namespace {

using testing::HasSubstr;

Value total_data() { return Value::Map{{"name", "Aggregated"}, {"method", ""}}; }

Value stats_data(Value::Array entries = {}) {
  return Value::Map{{"stats", std::move(entries)},
                    {"stats_total", total_data()},
                    {"errors", Value::Map{}},
                    {"user_classes_count", Value::Map{{"A", 0}}},
                    {"user_count", 0}};
}

TEST(DecodeStats, OfAnEntryOnlyNameAndMethodAreRequired) {
  const auto stats = from_worker<Stats>(
      "stats", stats_data({Value::Map{{"name", "/a"}, {"method", Value()}, {"unknown", 1}}}));
  ASSERT_EQ(stats.report.stats.size(), 1U);
  const StatsEntry& entry = stats.report.stats[0];
  EXPECT_EQ(entry.name, "/a");
  EXPECT_EQ(entry.method, std::nullopt);
  EXPECT_EQ(entry.start_time, kUnknownStartTime);
  EXPECT_EQ(entry.num_requests, 0);
  EXPECT_EQ(entry.min_response_time, std::nullopt);
  EXPECT_EQ(encode({stats, "h_1"}).find("start_time"), std::string::npos)
      << "unknown stays unknown";

  for (const char* key : {"name", "method"}) {
    const Value entry_data = without(total_data(), key);
    EXPECT_EQ(worker_refusal("stats", stats_data({entry_data})),
              std::string("stats: an entry of stats: ") + key + " is missing");
    EXPECT_EQ(worker_refusal("stats", with(stats_data(), "stats_total", entry_data)),
              std::string("stats: stats_total: ") + key + " is missing");
  }
}

TEST(DecodeStats, HistogramsOfOurWorkersSurviveTheWire) {
  Stats stats = from_worker<Stats>("stats", stats_data());
  StatsEntry entry("/a", "GET", 1.7e9);
  entry.precise.add(Number(12.345), {.dns = std::nullopt,
                                     .connect = std::chrono::microseconds(300),
                                     .tls = std::nullopt,
                                     .first_byte = std::chrono::milliseconds(11)});
  stats.report.stats.push_back(entry);
  auto message = decode_from_worker(encode({stats, "h_1"}));
  ASSERT_TRUE(message) << message.error();
  const PreciseTimes& precise = std::get<Stats>(message->payload).report.stats.at(0).precise;
  EXPECT_EQ(precise.response_time.buckets(), entry.precise.response_time.buckets());
  EXPECT_EQ(precise.connect.buckets(), entry.precise.connect.buckets());
  EXPECT_EQ(precise.first_byte.buckets(), entry.precise.first_byte.buckets());
  EXPECT_TRUE(precise.dns.empty());
  EXPECT_TRUE(std::get<Stats>(message->payload).report.stats_total.precise.response_time.empty());
}

TEST(DecodeStats, BrokenHistogramsAreRefused) {
  const auto with_extension = [](Value extension) {
    return stats_data({with(total_data(), "locust_cpp", std::move(extension))});
  };
  EXPECT_EQ(worker_refusal("stats", with_extension(5)),
            "stats: an entry of stats: locust_cpp is int, not a map");
  EXPECT_EQ(worker_refusal("stats", with_extension(Value::Map{{"dns", "x"}})),
            "stats: an entry of stats: dns is str, not a histogram");
  EXPECT_EQ(worker_refusal("stats", with_extension(Value::Map{{"dns", Value::Bin{"\x05"}}})),
            "stats: an entry of stats: dns: a number is cut short");
  EXPECT_EQ(worker_refusal("stats", with_extension(Value::Map{{"more", 1}})), "accepted");
}

// A bucket in each of the 95 groups takes 285 bytes on the wire and 95 KiB in memory.
TEST(DecodeStats, HistogramsThatWouldFillTheMemoryAreRefused) {
  Histogram wide;
  for (std::size_t index = 0; index < Histogram::kBuckets; index += 128) wide.add({index, 1});
  EXPECT_GT(wide.memory(), 90U << 10);
  Value entry = total_data();
  entry = with(entry, "locust_cpp", Value::Map{{"dns", Value::Bin{pack_histogram(wide)}}});
  EXPECT_EQ(worker_refusal("stats", stats_data(Value::Array(1000, entry))), "accepted");
  EXPECT_EQ(worker_refusal("stats", stats_data(Value::Array(2000, entry))),
            "stats: an entry of stats: the histograms are too large");
}

TEST(DecodeStats, BrokenEvidenceIsRefused) {
  const auto with_exchange = [](Value exchange) {
    const Value error = Value::Map{{"name", "/a"},
                                   {"method", "GET"},
                                   {"error", "boom"},
                                   {"occurrences", 1},
                                   {"locust_cpp", Value::Map{{"exchange", std::move(exchange)}}}};
    return with(stats_data(), "errors", Value::Map{{"key", error}});
  };
  const Value good = Value::Map{
      {"request", "GET /"}, {"response", ""}, {"body", "x"}, {"values", Value::Array{"a = 1"}}};
  EXPECT_EQ(worker_refusal("stats", with_exchange(good)), "accepted");
  EXPECT_EQ(worker_refusal("stats", with_exchange(with(good, "values", Value::Array{1}))),
            "stats: an entry of errors: exchange: a value is int, not a str");
  EXPECT_EQ(worker_refusal("stats", with_exchange(without(good, "body"))),
            "stats: an entry of errors: exchange: body is missing");
  const auto too_large =
      from_worker<Stats>("stats", with_exchange(with(good, "body", std::string(70'000, 'x'))));
  EXPECT_EQ(too_large.report.errors.at(0).second.exchange, nullptr) << "the report counts";
}

TEST(DecodeStats, TakesEveryNumberForm) {
  Value entry = total_data();
  entry = with(entry, "num_requests", 3.0F);
  entry = with(entry, "start_time", 1700000000);
  entry = with(entry, "last_request_timestamp", 1700000001);
  entry = with(entry, "total_response_time", 100);
  entry = with(entry, "max_response_time", 50.5F);
  entry = with(entry, "response_times", Value::Map{{4000.0, 1}, {20, 2.0}});
  entry = with(entry, "num_reqs_per_sec", Value::Map{{1700000001.0, 3}, {1700000000, 1}});
  const auto stats = from_worker<Stats>("stats", with(stats_data(), "stats_total", entry));
  const StatsEntry& total = stats.report.stats_total;
  EXPECT_EQ(total.num_requests, 3);
  EXPECT_EQ(total.start_time, 1.7e9);
  EXPECT_FALSE(total.total_response_time.is_float());
  EXPECT_EQ(total.max_response_time, Number(50.5));
  ASSERT_EQ(total.response_times.size(), 2U);
  EXPECT_EQ(total.response_times[0].response_time, Number(20));
  EXPECT_EQ(total.response_times[1].response_time, Number(4000));
  EXPECT_TRUE(total.response_times[1].response_time.is_float());
  EXPECT_EQ(total.num_reqs_per_sec.count(1700000001), 3);
}

TEST(DecodeStats, IntegerAndFloatKeysAreOneBucketAndTheLastCounts) {
  const Value entry =
      with(total_data(), "response_times", Value::Map{{4000, 1}, {7, 5}, {4000.0, 2}});
  const auto stats = from_worker<Stats>("stats", with(stats_data(), "stats_total", entry));
  const ResponseTimes& times = stats.report.stats_total.response_times;
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[1].response_time, Number(4000));
  EXPECT_EQ(times[1].count, 2);
}

TEST(DecodeStats, RefusesWhatWouldPoisonTheSums) {
  for (const char* key : {"num_requests", "num_none_requests", "num_failures",
                          "total_response_time", "max_response_time", "min_response_time",
                          "total_content_length", "start_time", "last_request_timestamp"}) {
    for (const Value& bad :
         {Value("5"), Value(kNan), Value(kInf), Value(true), Value(Value::Map{})}) {
      const Value entry = with(total_data(), key, bad);
      EXPECT_THAT(worker_refusal("stats", stats_data({entry})), HasSubstr(key));
    }
  }
  for (const char* key : {"num_requests", "total_content_length"}) {
    EXPECT_THAT(worker_refusal("stats", stats_data({with(total_data(), key, kMaxCount + 1)})),
                HasSubstr("out of range"));
  }
  for (const char* key : {"response_times", "num_reqs_per_sec", "num_fail_per_sec"}) {
    for (const Value& bad : {Value(Value::Array{}), Value(5), Value(Value::Map{{"5", 1}}),
                             Value(Value::Map{{5, "1"}}), Value(Value::Map{{kNan, 1}})}) {
      const Value entry = with(total_data(), key, bad);
      EXPECT_THAT(worker_refusal("stats", stats_data({entry})), HasSubstr(key));
    }
  }
}

TEST(DecodeStats, RefusesIncompleteReportsAsAWhole) {
  EXPECT_EQ(worker_refusal("stats", Value()), "stats: data is nil, not a map");
  EXPECT_THAT(worker_refusal("stats", Value::Map{}), HasSubstr("missing"));
  for (const char* key : {"stats", "stats_total", "errors", "user_classes_count"}) {
    EXPECT_EQ(worker_refusal("stats", without(stats_data(), key)),
              std::string("stats: ") + key + " is missing");
    EXPECT_THAT(worker_refusal("stats", with(stats_data(), key, 5)), HasSubstr("stats: "));
  }
  EXPECT_EQ(from_worker<Stats>("stats", without(stats_data(), "user_count")).user_count, 0);
  EXPECT_THAT(worker_refusal("stats", stats_data({total_data(), 5})), HasSubstr("not a map"));
}

TEST(DecodeStats, ErrorsMayLackTheTimesOfTheirSight) {
  const Value error =
      Value::Map{{"name", "/a"}, {"method", "GET"}, {"error", "boom"}, {"occurrences", 2}};
  const auto with_errors = [](const Value& e) {
    return with(stats_data(), "errors", Value::Map{{"key", e}});
  };
  const auto stats = from_worker<Stats>("stats", with_errors(error));
  ASSERT_EQ(stats.report.errors.size(), 1U);
  EXPECT_EQ(stats.report.errors[0].first, "key");
  EXPECT_EQ(stats.report.errors[0].second.occurrences, 2);
  EXPECT_FALSE(stats.report.errors[0].second.first_seen);
  const auto seen = from_worker<Stats>(
      "stats", with_errors(with(with(error, "first_seen", 5), "last_seen", Value())));
  EXPECT_EQ(seen.report.errors[0].second.first_seen, 5.0);
  EXPECT_FALSE(seen.report.errors[0].second.last_seen);
  for (const char* key : {"name", "method", "error", "occurrences"}) {
    EXPECT_EQ(worker_refusal("stats", with_errors(without(error, key))),
              std::string("stats: an entry of errors: ") + key + " is missing");
  }
}

TEST(DecodeStats, CarriesOurExtensionAndUnknownKeys) {
  Stats stats{StatsReport{{}, StatsEntry("Aggregated", "", 1.5), {}}, {}, 0, {}, {}};
  stats.extra = {{"from_user_code", Value::Array{1, "x"}}};
  stats.extension.emplace();
  stats.extension->tasks = 7;
  stats.extension->stop_test = true;
  stats.extension->exit_code = 3;
  stats.extension->uncaught = true;
  stats.extension->user_classes.push_back(
      {"Shop", 3, 0, "http://x", {{"ok", 0.75, {}}, {"set", 0.25, {{"inner", 1, {}}}}}});
  stats.extension->user_classes.push_back({"Admin", 1.5, 2, std::nullopt, {}});
  stats.extension->files = {{"shop.yaml", std::string(kFileDigestBytes, '\xff')}, {"a.csv", ""}};
  const auto again = taken<Stats>(decode_from_worker(encode({stats, "h_1"})));
  EXPECT_EQ(Value(again.extra), Value(stats.extra));
  ASSERT_TRUE(again.extension);
  EXPECT_EQ(again.extension->tasks, 7);
  EXPECT_TRUE(again.extension->stop_test);
  EXPECT_EQ(again.extension->exit_code, 3);
  EXPECT_TRUE(again.extension->uncaught);
  ASSERT_EQ(again.extension->user_classes.size(), 2U);
  const ClassInfo& shop = again.extension->user_classes[0];
  EXPECT_EQ(shop.name, "Shop");
  EXPECT_EQ(shop.weight, 3);
  EXPECT_EQ(shop.host, "http://x");
  ASSERT_EQ(shop.tasks.size(), 2U);
  EXPECT_EQ(shop.tasks[1].ratio, 0.25);
  EXPECT_EQ(shop.tasks[1].tasks.at(0).name, "inner");
  EXPECT_EQ(again.extension->user_classes[1].fixed_count, 2);
  EXPECT_EQ(again.extension->files, stats.extension->files);

  for (const Value& bad :
       {Value(), Value(5), Value(Value::Map{{"user_classes", 5}}),
        Value(Value::Map{{"user_classes", Value::Map{{"A", 5}}}}),
        Value(Value::Map{{"user_classes", Value::Map{{"A", Value::Map{{"weight", kNan}}}}}})}) {
    EXPECT_THAT(worker_refusal("stats", with(stats_data(), kExtensionKey, bad)),
                HasSubstr("locust_cpp: "));
  }
}

TEST(DecodeStats, WhatTheExtensionSaysOtherwiseIsIgnored) {
  const Value::Map strange = {{"later", 1}, {"tasks", "7"}, {"exit_code", kNan}};
  const auto stats = from_worker<Stats>("stats", with(stats_data(), kExtensionKey, strange));
  ASSERT_TRUE(stats.extension);
  EXPECT_FALSE(stats.extension->tasks);
  EXPECT_FALSE(stats.extension->exit_code);
  EXPECT_FALSE(stats.extension->stop_test);
  EXPECT_FALSE(stats.extension->uncaught);
}

TEST(DecodeStats, DigestsThatNoWorkerOfOursSendsAreRefusedOrLeftOut) {
  const auto with_files = [](Value files) {
    return with(stats_data(), kExtensionKey, Value::Map{{"files", std::move(files)}});
  };
  EXPECT_EQ(worker_refusal("stats", with_files(5)), "stats: locust_cpp: files is int, not a map");
  EXPECT_EQ(worker_refusal("stats", with_files(Value::Map{{"a", "x"}})),
            "stats: locust_cpp: a file is str, not a digest");
  const Value digest(Value::Bin{std::string(kFileDigestBytes, 'x')});
  Value::Map many;
  for (std::size_t i = 0; i <= kMaxFileDigests; ++i) many.emplace_back(std::to_string(i), digest);
  for (Value files : {Value(std::move(many)), Value(Value::Map{{"a", Value::Bin{"short"}}}),
                      Value(Value::Map{{std::string(kMaxFileDigestName + 1, 'x'), digest}})}) {
    const auto stats = from_worker<Stats>("stats", with_files(std::move(files)));
    ASSERT_TRUE(stats.extension);
    EXPECT_TRUE(stats.extension->files.empty()) << "the report counts";
  }
}

TEST(DecodeStats, AsManyDigestsAsAWorkerOfOursSendsAreTaken) {
  const Value digest(Value::Bin{std::string(kFileDigestBytes, 'x')});
  Value::Map files;
  files.emplace_back(std::string(kMaxFileDigestName, 'x'), digest);
  while (files.size() < kMaxFileDigests) files.emplace_back(std::to_string(files.size()), digest);
  const auto stats = from_worker<Stats>(
      "stats", with(stats_data(), kExtensionKey, Value::Map{{"files", std::move(files)}}));
  ASSERT_TRUE(stats.extension);
  EXPECT_EQ(stats.extension->files.size(), kMaxFileDigests);
}

// Keys in descending order are the worst case of a sorted histogram.
TEST(DecodeStats, AHugeHistogramCostsNoMoreThanReadingIt) {
  Value::Map times;
  for (int i = 1'000'000; i > 0; --i) times.emplace_back(i, 1);
  const Value entry = with(total_data(), "response_times", std::move(times));
  const auto stats = from_worker<Stats>("stats", with(stats_data(), "stats_total", entry));
  const ResponseTimes& kept = stats.report.stats_total.response_times;
  ASSERT_EQ(kept.size(), ResponseTimes::kMaxBuckets);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) sum += kept[i].count;
  EXPECT_EQ(sum, 1'000'000);
}

}  // namespace
}  // namespace locust::proto
