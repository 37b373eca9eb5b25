// bench_engine --url URL [--users 64] [--seconds 5]: CPU per request of the curl engine alone,
// without users, fibers or statistics; compare with bench_bare_curl. With --seconds 0 each client
// makes one request and keeps its connection: the memory of an idle client.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/event_loop.h"
#include "tests/bench/usage.h"
#include "worker/http/engine.h"

namespace locust::bench {
namespace {

struct Run {
  EventLoop& loop;
  worker::HttpEngine& engine;
  bool endless;
  bool over = false;
  std::size_t in_flight = 0;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
};

struct Client {
  Run& run;
  std::unique_ptr<worker::HttpClient> http;
  worker::Exchange exchange;

  void start() {
    ++run.in_flight;
    run.engine.start(*http, exchange, [this] { done(); });
  }
  void done() {
    --run.in_flight;
    ++run.requests;
    if (exchange.response.failed()) {
      if (run.failures++ == 0) std::fprintf(stderr, "%s\n", exchange.response.error_text.c_str());
    }
    if (run.endless && !run.over) start();
    if (run.in_flight == 0) run.loop.stop();
  }
};

int bench(const std::string& url, std::size_t count, double duration) {
  const SystemClock clock;
  EventLoop loop(clock);
  const auto engine = worker::make_curl_engine(loop, {});
  Run run{.loop = loop, .engine = *engine, .endless = duration > 0};
  std::vector<std::unique_ptr<Client>> clients;
  const long rss_before = rss_kib();
  const double cpu_before = process_cpu_us();
  const TimePoint began = clock.now();
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Client>(Client{run, engine->new_client(), {}}));
    clients.back()->exchange.request.url = url;
    clients.back()->exchange.request.keep_body = false;
    clients.back()->exchange.request.keep_headers = false;
    clients.back()->start();
  }
  if (run.endless) loop.call_after(seconds(duration), [&run] { run.over = true; });
  loop.run();

  const double elapsed = to_seconds(clock.now() - began);
  const auto requests = static_cast<double>(run.requests);
  std::printf(
      "{\"requests\":%llu,\"cpu_us_per_request\":%.3f,\"rps\":%.0f,\"rss_kib\":%ld,"
      "\"rss_kib_per_client\":%.2f,\"failures\":%llu}\n",
      static_cast<unsigned long long>(run.requests), (process_cpu_us() - cpu_before) / requests,
      requests / elapsed, rss_kib(),
      static_cast<double>(rss_kib() - rss_before) / static_cast<double>(count),
      static_cast<unsigned long long>(run.failures));
  return run.failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  CLI::App app{"CPU per request of the curl engine"};
  locust::bench::Load load;
  load.add_options(app);
  CLI11_PARSE(app, argc, argv);
  return locust::bench::bench(load.url, load.users, load.seconds);
}
