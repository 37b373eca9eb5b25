// bench_users --url URL [--users 64] [--seconds 5]: CPU per request of users on fibers with sessions and
// statistics, beside bench_engine, which has none of these. With --seconds 0 each user makes one
// request and sleeps: the memory of an idle user with one connection. Both tell how late the loop's
// timers were at worst while the users started.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/event_loop.h"
#include "tests/bench/usage.h"
#include "worker/http/engine.h"
#include "worker/loop/user_pool.h"

namespace locust::bench {
namespace {

using namespace std::chrono_literals;

class BenchUser final : public worker::User {
 public:
  BenchUser(const worker::UserEnvironment& environment, const worker::TaskList& tasks,
            const std::string& url, bool endless)
      : User(environment, tasks), url_(url), endless_(endless) {}

  void fetch() { client().get(url_, {.keep_headers = false, .keep_body = false}); }
  Duration wait_time(const worker::WaitInput&) override {
    return endless_ ? Duration::zero() : Duration(1h);
  }

 private:
  const std::string& url_;
  bool endless_;
};

// The worst lateness of a timer that should fire every millisecond.
class Lag {
 public:
  explicit Lag(EventLoop& loop) : loop_(loop) { arm(); }
  double worst_ms() const { return to_ms(worst_); }
  void stop() { loop_.cancel(timer_); }

 private:
  void arm() {
    const TimePoint due = loop_.clock().now() + 1ms;
    timer_ = loop_.call_at(due, [this, due] {
      worst_ = std::max(worst_, loop_.clock().now() - due);
      arm();
    });
  }

  EventLoop& loop_;
  TimerId timer_ = 0;
  Duration worst_{};
};

int run(const std::string& url, std::int64_t users, double duration) {
  const SystemClock clock;
  EventLoop loop(clock);
  const auto engine = worker::make_curl_engine(loop, {});
  const bool endless = duration > 0;
  const worker::TaskList tasks({{.name = "fetch", .run = [](worker::TaskSet& set) {
                                   static_cast<BenchUser&>(set.user()).fetch();
                                 }}});
  worker::UserClass user_class{.name = "BenchUser"};
  user_class.create = [&](const worker::UserEnvironment& environment) {
    return std::make_unique<BenchUser>(environment, tasks, url, endless);
  };
  worker::UserPool pool(loop, *engine, {user_class}, {}, 1);

  const long rss_before = rss_kib();
  const double cpu_before = process_cpu_us();
  const TimePoint began = clock.now();
  Lag lag(loop);
  double spawn_s = 0;
  pool.set_target({.user_classes_count = {{"BenchUser", users}}}, [&](const UserCounts&) {
    spawn_s = to_seconds(clock.now() - began);
    lag.stop();
  });
  std::function<void()> check = [&] {
    if (pool.stats().total().num_requests >= users) {
      loop.stop();
    } else {
      loop.call_after(10ms, check);
    }
  };
  if (endless) {
    loop.call_after(seconds(duration), [&] { loop.stop(); });
  } else {
    loop.call_after(10ms, check);
  }
  loop.run();

  const double elapsed = to_seconds(clock.now() - began);
  const StatsEntry& total = pool.stats().total();
  const auto requests = static_cast<double>(total.num_requests);
  std::printf(
      "{\"requests\":%lld,\"cpu_us_per_request\":%.3f,\"rps\":%.0f,\"rss_kib\":%ld,"
      "\"rss_kib_per_user\":%.2f,\"spawn_seconds\":%.3f,\"worst_lag_ms_in_spawn\":%.2f,"
      "\"failures\":%lld}\n",
      static_cast<long long>(total.num_requests), (process_cpu_us() - cpu_before) / requests,
      requests / elapsed, rss_kib(),
      static_cast<double>(rss_kib() - rss_before) / static_cast<double>(users), spawn_s,
      lag.worst_ms(), static_cast<long long>(total.num_failures));
  return total.num_failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  CLI::App app{"CPU per request of users on fibers"};
  locust::bench::Load load;
  load.add_options(app);
  CLI11_PARSE(app, argc, argv);
  return locust::bench::run(load.url, static_cast<std::int64_t>(load.users), load.seconds);
}
