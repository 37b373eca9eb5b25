// What statistics take of the memory, whatever is logged and reported and for however long.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "common/stats/stats.h"
#include "tests/fakes/heap.h"

namespace locust {
namespace {

constexpr auto kBuckets = std::int64_t{ResponseTimes::kMaxBuckets};

std::size_t rows_memory(const RequestStats& stats) {
  std::size_t memory = 0;
  for (const StatsEntry& entry : stats.entries()) memory += entry.memory();
  return memory;
}

std::int64_t sum_of_buckets(const StatsEntry& entry) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < entry.response_times.size(); ++i) {
    sum += entry.response_times[i].count;
  }
  return sum;
}

// All that an entry can hold.
StatsReport largest_report(const std::string& name, double now) {
  StatsReport report{{StatsEntry(name, "GET", now)}, StatsEntry("Aggregated", "", now), {}};
  StatsEntry& entry = report.stats[0];
  for (std::int64_t i = 0; i < kBuckets; ++i) {
    entry.response_times.add(Number(i));
    entry.num_reqs_per_sec.add(to_second(now) - kBuckets + i);
  }
  for (std::size_t i = 0; i < Histogram::kBuckets; i += 128) {
    for (Histogram PreciseTimes::*histogram : {&PreciseTimes::response_time, &PreciseTimes::dns}) {
      (entry.precise.*histogram).add({i, 1});
    }
  }
  entry.num_requests = kBuckets;
  entry.last_request_timestamp = now;
  return report;
}

TEST(StatsMemory, AHostileWorkerFillsItAndNoCountIsLost) {
  constexpr std::size_t kMemory = std::size_t{16} << 20;
  constexpr int kNames = 200;
  RequestStats master(1000, StatsRole::kMaster, kMemory);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kNames; ++i) {
      master.extend(largest_report("/" + std::to_string(i), 10'000 + round), 10'000);
    }
  }
  const std::size_t largest = largest_report("/", 10'000).stats[0].memory() +
                              ResponseTimesCache::kMaxCopies * 8 * ResponseTimes::kMaxBuckets;
  EXPECT_TRUE(master.is_full());
  EXPECT_LE(rows_memory(master), kMemory + 3 * largest);
  EXPECT_LT(master.entries().size(), std::size_t{kNames});
  std::int64_t requests = 0;
  for (const StatsEntry& entry : master.entries()) {
    requests += entry.num_requests;
    EXPECT_EQ(sum_of_buckets(entry), entry.num_requests) << entry.name;
    EXPECT_EQ(entry.is_precise(), false);
  }
  EXPECT_EQ(requests, 3 * kNames * kBuckets);
  EXPECT_NE(master.find(RequestStats::kOthers, ""), nullptr);
}

TEST(StatsMemory, WhereItIsFullTheRowsThereAreGoOnWithTheBucketsThatTheyHave) {
  RequestStats worker(1000, StatsRole::kWorker);
  const auto honest = [&worker](double now) {
    for (const int ms : {4, 40, 400}) worker.log_request(now, "GET", "/honest", Number(ms), 10);
    return worker.get_stripped_report(now + 1);
  };
  RequestStats master(1000, StatsRole::kMaster, std::size_t{1} << 20);
  master.extend(honest(1000), 1001);
  for (int i = 0; !master.is_full(); ++i) {
    master.extend(largest_report("/" + std::to_string(i), 1001), 1001);
  }
  for (int second = 1001; second < 1501; ++second) master.extend(honest(second), second + 1);
  worker.log_request(1501, "GET", "/honest", Number(30), 10);
  worker.log_request(1501, "GET", "/late", Number(30), 10);
  master.extend(worker.get_stripped_report(1502), 1502);

  const StatsEntry& row = *master.find("/honest", "GET");
  EXPECT_EQ(row.num_requests, 3 * 501 + 1);
  EXPECT_EQ(row.get_response_time_percentile(0.5), 40);
  EXPECT_EQ(row.get_response_time_percentile(0.99), 400);
  EXPECT_EQ(row.response_times.size(), 3U) << "what took 30 ms counts as 40";
  EXPECT_EQ(row.num_reqs_per_sec.count(1500), 3);
  EXPECT_GE(row.num_reqs_per_sec.seconds().size(), SecondCounts::kLeastSeconds / 2);
  EXPECT_LE(row.num_reqs_per_sec.seconds().size(), SecondCounts::kLeastSeconds);
  EXPECT_EQ(master.find("/late", "GET"), nullptr);
  EXPECT_EQ(master.find(RequestStats::kOthers, "")->num_requests, 1);

  master.clear_all(2000);
  EXPECT_FALSE(master.is_full()) << "the next test begins anew";
}

// Tables, files and pages copy and escape them.
TEST(StatsMemory, NamesAndErrorsOfTheLongestTextsAreFew) {
  constexpr std::size_t kMost = std::size_t{8} << 20;
  RequestStats worker(1000, StatsRole::kWorker);
  RequestStats master(1000);
  constexpr int kKinds = 3000;
  for (int i = 0; i < kKinds; ++i) {
    const std::string text = std::to_string(i) + std::string(RequestStats::kMaxTextBytes, 'x');
    worker.log_request(1000, "GET", text, Number(1), 1);
    worker.log_error(1000, "GET", text, text);
    if (i % 100 == 99) master.extend(worker.get_stripped_report(1001), 1001);
  }
  std::size_t names = 0;
  std::int64_t requests = 0;
  for (const StatsEntry& entry : master.entries()) {
    names += entry.name.size();
    requests += entry.num_requests;
  }
  EXPECT_LE(names, kMost + RequestStats::kMaxTextBytes);
  EXPECT_TRUE(master.is_full());
  EXPECT_EQ(requests, kKinds);
  std::size_t texts = 0;
  std::int64_t occurrences = 0;
  for (const auto& [key, error] : master.errors()) {
    texts += key.size() + error.name.size() + error.method.size() + error.error.size();
    occurrences += error.occurrences;
  }
  EXPECT_LE(texts, kMost + 1000);
  EXPECT_GT(master.errors().size(), 100U);
  EXPECT_EQ(occurrences, kKinds);
  EXPECT_EQ(master.errors().back().second.to_name(),
            " (others): failures whose texts do not fit into 8 MiB");
}

TEST(StatsMemory, OfAWorkerDoesNotGrowWithTheHours) {
  RequestStats stats(0, StatsRole::kWorker);
  stats.record_precisely(true);
  const auto run = [&stats](int from, int to) {
    for (int second = from; second < to; ++second) {
      for (int name = 0; name < 5; ++name) {
        const std::string url = "/" + std::to_string(name);
        stats.log_request(second, "GET", url, Number(1.0 + (second + name) % 500), 10);
        stats.log_error(second, "GET", url, "status " + std::to_string(second % 7));
      }
      if (second % 3 == 0) (void)stats.get_stripped_report(second);
    }
  };
  constexpr int kHour = 3600;
  run(1, kHour);
  const std::size_t after_an_hour = fakes::heap_in_use();
  run(kHour, 10 * kHour);
  EXPECT_LE(fakes::heap_in_use(), after_an_hour + (64U << 10));
}

}  // namespace
}  // namespace locust
