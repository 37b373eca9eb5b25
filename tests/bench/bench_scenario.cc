// bench_scenario --scenario FILE --host URL [--requests 10000] [--precise]: one user of the file's first class
// makes about so many requests. For valgrind: the instructions of two runs of different length tell
// those of one request, whatever else the machine does (scripts/bench instructions).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "common/base/event_loop.h"
#include "common/scenario/scenario_parse.h"
#include "worker/http/engine.h"
#include "worker/loop/user_pool.h"
#include "worker/scenario/scenario_program.h"

namespace locust::bench {
namespace {

struct Options {
  std::string scenario;
  std::string host;
  std::int64_t requests = 10'000;
  bool precise = false;
};

int run(const Options& options) {
  ParsedScenario parsed = parse_scenario_files({options.scenario});
  for (const std::string& error : parsed.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!parsed.errors.empty()) return 2;
  const worker::CompiledScenario compiled = worker::compile_scenario(
      std::move(parsed.scenario), [](const std::string&) { return std::nullopt; });
  for (const std::string& error : compiled.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!compiled.program) return 2;

  const SystemClock clock;
  EventLoop loop(clock);
  const auto engine = worker::make_curl_engine(loop, {});
  worker::UserPool pool(loop, *engine, compiled.program->user_classes(), {}, 1);
  pool.stats().record_precisely(options.precise);
  compiled.program->begin_test({});
  pool.set_target({.user_classes_count = {{compiled.program->scenario().users.front().name, 1}},
                   .host = options.host},
                  {});
  const StatsEntry& total = pool.stats().total();
  std::function<void()> check = [&] {
    if (total.num_requests >= options.requests) return loop.stop();
    loop.call_after(std::chrono::milliseconds(5), check);
  };
  check();
  loop.run();
  std::printf("{\"requests\":%lld,\"failures\":%lld}\n", static_cast<long long>(total.num_requests),
              static_cast<long long>(total.num_failures));
  return total.num_failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace locust::bench

int main(int argc, char** argv) {
  CLI::App app{"A scenario's user that makes so many requests"};
  locust::bench::Options options;
  app.add_option("--scenario", options.scenario, "file")->required();
  app.add_option("--host", options.host, "URL that requests begin with")->required();
  app.add_option("--requests", options.requests, "at least so many")->capture_default_str();
  app.add_flag("--precise", options.precise, "fill histograms, as for a master of ours");
  CLI11_PARSE(app, argc, argv);
  return locust::bench::run(options);
}
