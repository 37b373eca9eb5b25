// swarm: plays many workers in one process, each with a ZeroMQ connection and identity of its own,
// for the benchmark of masters (tests/bench/master_load.py). They register, heartbeat each second,
// report each three seconds while a test runs, and answer spawn, stop and quit as a worker whose
// users start and stop at once. Prints "ready" when the master has acknowledged all of them, and a
// line of JSON with what they did when it has told all of them to quit.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "common/base/clock.h"
#include "common/base/sysinfo.h"
#include "common/stats/stats.h"
#include "proto/codec.h"

namespace locust::bench {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(1);
constexpr Duration kReport = std::chrono::seconds(3);
// How often each worker is looked after; the answer to a spawn takes as long.
constexpr Duration kSweep = std::chrono::milliseconds(200);
constexpr int kWorkersPerHost = 4;
constexpr int kLingerMs = 30'000;  // a busy master may take so long to read the last reports

struct Options {
  int port = 5557;
  int workers = 100;
  int names = 20;     // of requests
  int requests = 30;  // of each name in a report
  int join_rate = 1000;
  double max_seconds = 600;
};

struct Totals {
  int acked = 0;
  int quit = 0;
  std::int64_t spawns = 0;
  std::int64_t reports = 0;
  std::int64_t requests = 0;  // in reports of the test
  std::int64_t dropped = 0;   // messages that found the queue full
};

// So many names with a few buckets each, as three seconds of a small service look.
StatsReport make_report(const Options& options, double now) {
  RequestStats stats(now - to_seconds(kReport), StatsRole::kWorker);
  for (int name = 0; name < options.names; ++name) {
    const std::string url = "/api/v1/items/" + std::to_string(name);
    for (int i = 0; i < options.requests; ++i) {
      const double at = now - to_seconds(kReport) * (options.requests - i) / options.requests;
      stats.log_request(at, "GET", url, Number(4.0 + (i * 7 + name) % 60), 512);
    }
  }
  return stats.get_stripped_report(now);
}

class Member {
 public:
  // `statistics` are what it reports while it runs users; kept up to date by the owner.
  Member(zmq::context_t& context, const Options& options, int number, const StatsReport& statistics,
         Totals& totals)
      : id_("swarm-" + std::to_string(number / kWorkersPerHost) + "_" + std::to_string(number)),
        statistics_(statistics),
        totals_(totals),
        socket_(context, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::routing_id, id_);
    socket_.set(zmq::sockopt::linger, kLingerMs);
    socket_.connect("tcp://127.0.0.1:" + std::to_string(options.port));
    send(proto::ClientReady{});
  }

  void look_after(TimePoint now, double wall_time) {
    zmq::message_t payload;
    while (socket_.recv(payload, zmq::recv_flags::dontwait)) {
      if (auto message = proto::decode_from_master(payload.to_string_view())) {
        answer(message->payload, now, wall_time);
      }
    }
    if (!acked_ || quit_) return;
    if (now >= next_heartbeat_) {
      next_heartbeat_ = now + kHeartbeat;
      proto::Heartbeat heartbeat;
      heartbeat.state = running_ ? "running" : "ready";
      heartbeat.current_cpu_usage = 10;
      heartbeat.current_memory_usage = 50'000'000;
      send(std::move(heartbeat));
    }
    if (now >= next_report_) {
      next_report_ = now + kReport;
      report(wall_time);
    }
  }

 private:
  void answer(const proto::Payload& payload, TimePoint now, double wall_time) {
    if (std::holds_alternative<proto::Ack>(payload)) {
      if (std::exchange(acked_, true)) return;
      ++totals_.acked;
      next_heartbeat_ = now;
      next_report_ = now;
    } else if (const auto* spawn = std::get_if<proto::Spawn>(&payload)) {
      ++totals_.spawns;
      running_ = true;
      counts_ = spawn->user_classes_count;
      send(proto::Spawning{});
      proto::SpawningComplete complete;
      complete.user_classes_count = counts_;
      complete.user_count = users();
      send(std::move(complete));
    } else if (std::holds_alternative<proto::Stop>(payload)) {
      report(wall_time);
      running_ = false;
      for (auto& [name, count] : counts_) count = 0;
      send(proto::ClientStopped{});
      send(proto::ClientReady{});
    } else if (std::holds_alternative<proto::Quit>(payload) && !quit_) {
      quit_ = true;
      ++totals_.quit;
      report(wall_time);
      send(proto::Quit{});
    }
  }

  void report(double wall_time) {
    const StatsReport idle{{}, StatsEntry("Aggregated", "", wall_time), {}};
    proto::Stats stats{.report = running_ ? statistics_ : idle,
                       .user_classes_count = counts_,
                       .user_count = users(),
                       .extension = {},
                       .extra = {}};
    if (counts_.empty()) stats.user_classes_count = {{"Shop", 0}};
    const std::int64_t requests = stats.report.stats_total.num_requests;
    if (!send(std::move(stats))) return;
    ++totals_.reports;
    totals_.requests += requests;
  }

  std::int64_t users() const {
    std::int64_t sum = 0;
    for (const auto& [name, count] : counts_) sum += count;
    return sum;
  }

  // False: its queue is full, as the master does not read.
  bool send(proto::Payload payload) {
    const std::string bytes = proto::encode({std::move(payload), id_});
    const bool sent = socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
    if (!sent) ++totals_.dropped;
    return sent;
  }

  const std::string id_;
  const StatsReport& statistics_;
  Totals& totals_;
  zmq::socket_t socket_;
  UserCounts counts_;
  bool acked_ = false;
  bool running_ = false;
  bool quit_ = false;
  TimePoint next_heartbeat_{};
  TimePoint next_report_{};
};

// Members are looked after one after the other, spread evenly over each sweep.
void run(const Options& options) {
  const SystemClock clock;
  zmq::context_t context;
  context.set(zmq::ctxopt::max_sockets, options.workers + 10);
  Totals totals;
  std::deque<Member> members;
  const TimePoint began = clock.now();
  bool told_ready = false;
  std::size_t next = 0;
  TimePoint sweep_began = began;
  StatsReport statistics = make_report(options, clock.wall_time());
  while (totals.quit < options.workers && clock.now() - began < seconds(options.max_seconds)) {
    const TimePoint now = clock.now();
    const double joined = to_seconds(now - began) * options.join_rate;
    while (static_cast<int>(members.size()) < options.workers &&
           static_cast<double>(members.size()) < joined) {
      members.emplace_back(context, options, static_cast<int>(members.size()), statistics, totals);
    }
    const double share = to_seconds(now - sweep_began) / to_seconds(kSweep);
    const auto due = static_cast<std::size_t>(share * static_cast<double>(members.size()));
    for (; next < due && next < members.size(); ++next) {
      members[next].look_after(now, clock.wall_time());
    }
    if (share >= 1 && next >= members.size()) {
      next = 0;
      sweep_began = now;
      statistics = make_report(options, clock.wall_time());
    }
    if (totals.acked == options.workers && !std::exchange(told_ready, true)) {
      std::puts("ready");
      std::fflush(stdout);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // real-time
  }
  std::printf(
      "{\"workers\": %d, \"quit\": %d, \"spawns\": %lld, \"reports\": %lld, \"requests\": %lld, "
      "\"dropped\": %lld}\n",
      totals.acked, totals.quit, static_cast<long long>(totals.spawns),
      static_cast<long long>(totals.reports), static_cast<long long>(totals.requests),
      static_cast<long long>(totals.dropped));
}

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  locust::bench::Options options;
  CLI::App app("Plays many workers, to load a master.");
  app.add_option("--port", options.port, "the master's, on this machine")->capture_default_str();
  app.add_option("--workers", options.workers)->capture_default_str();
  app.add_option("--names", options.names, "request names in each report")->capture_default_str();
  app.add_option("--requests", options.requests, "requests of each name in a report")
      ->capture_default_str();
  app.add_option("--join-rate", options.join_rate, "workers that connect per second")
      ->capture_default_str();
  app.add_option("--max-seconds", options.max_seconds, "ends after that at the latest")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  locust::raise_open_file_limit();
  locust::bench::run(options);
  return 0;
}
