// Cost of statistics: logging a request on a worker, reading and merging reports on a master, making a
// summary.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/stats/stats.h"
#include "common/stats/stats_summary.h"
#include "proto/codec.h"
#include "proto/stats_wire.h"

namespace {

constexpr double kStart = 1700000000;
constexpr double kReportPeriod = 3;

// Response times as a service makes them: most short, a long tail.
std::vector<double> response_times() {
  std::mt19937 random(1);
  std::lognormal_distribution<double> times(4, 1);
  std::vector<double> values(4096);
  for (double& value : values) value = times(random);
  return values;
}

std::vector<std::string> names(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back("/api/v1/items/" + std::to_string(i));
  return names;
}

void log_request(benchmark::State& state) {
  const auto times = response_times();
  const auto urls = names(state.range(0));
  locust::RequestStats stats(kStart, locust::StatsRole::kWorker);
  std::size_t i = 0;
  for (auto _ : state) {
    stats.log_request(kStart + static_cast<double>(i) * 1e-5, "GET", urls[i % urls.size()],
                      times[i % times.size()], 512);
    ++i;
  }
}
BENCHMARK(log_request)->Arg(1)->Arg(100)->Arg(1000);

void log_error(benchmark::State& state) {
  locust::RequestStats stats(kStart, locust::StatsRole::kWorker);
  for (auto _ : state) {
    stats.log_error(kStart, "GET", "/api/v1/items",
                    "ConnectionRefusedError(111, 'Connection refused')");
  }
}
BENCHMARK(log_error);

// A worker's report of three seconds with `urls` entries of 30 requests each.
locust::StatsReport report(std::int64_t urls, double now) {
  const auto times = response_times();
  locust::RequestStats stats(now - kReportPeriod, locust::StatsRole::kWorker);
  std::size_t i = 0;
  for (const std::string& name : names(urls)) {
    for (int k = 0; k < 30; ++k) {
      stats.log_request(now - kReportPeriod + k * 0.1, "GET", name, times[++i % times.size()], 512);
    }
  }
  return stats.get_stripped_report(now);
}

// The statistics of a master one minute into a run of 1000 entries.
struct Master {
  double now = kStart;
  locust::RequestStats stats{kStart};

  Master() {
    for (int i = 0; i < 20; ++i) {
      now += kReportPeriod;
      stats.extend(report(1000, now), now);
    }
  }
};

// Time per report of 1000 entries.
void extend(benchmark::State& state) {
  Master master;
  const locust::StatsReport merged = report(1000, master.now);
  for (auto _ : state) master.stats.extend(merged, master.now);
}
BENCHMARK(extend)->Unit(benchmark::kMicrosecond);

// The frame of a report of 20 names.
std::string report_frame() {
  using namespace locust::proto;
  return encode({Stats{.report = report(20, kStart),
                       .user_classes_count = {{"Shop", 200}},
                       .user_count = 200,
                       .extension = {},
                       .extra = {}},
                 "host_0123456789abcdef0123456789abcdef"});
}

void read_report(benchmark::State& state) {
  const std::string frame = report_frame();
  for (auto _ : state) benchmark::DoNotOptimize(locust::proto::decode_from_worker(frame));
}
BENCHMARK(read_report)->Unit(benchmark::kMicrosecond);

// The way of reports that are not as usual.
void read_unusual_report(benchmark::State& state) {
  const std::string frame = report_frame();
  for (auto _ : state) {
    auto message = locust::proto::parse(frame);
    auto& data = message->get_if<locust::proto::Value::Array>()->at(1);
    benchmark::DoNotOptimize(locust::proto::decode_stats(data));
  }
}
BENCHMARK(read_unusual_report)->Unit(benchmark::kMicrosecond);

void merge_report(benchmark::State& state) {
  locust::RequestStats stats(kStart);
  const locust::StatsReport merged = report(20, kStart);
  for (auto _ : state) stats.extend(merged, kStart);
}
BENCHMARK(merge_report)->Unit(benchmark::kMicrosecond);

void summarize(benchmark::State& state) {
  const Master master;
  for (auto _ : state) benchmark::DoNotOptimize(locust::summarize(master.stats, master.now));
}
BENCHMARK(summarize)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
