// locust-master: see `locust-master --help`.

#include <spdlog/fmt/ranges.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "common/event_loop.h"
#include "common/log.h"
#include "common/scenario_parse.h"
#include "common/signals.h"
#include "common/sysinfo.h"
#include "common/version.h"
#include "master/headless.h"
#include "master/master_options.h"
#include "master/report/console.h"
#include "proto/socket.h"

namespace locust::master {
namespace {

constexpr int kUsageError = 2;
constexpr int kUnknownConfigured = 255;  // stock's

int fail(const std::string& message, int code) {
  std::cerr << message << '\n';
  return code;
}

HeadlessOptions headless_options(const MasterOptions& options) {
  HeadlessOptions headless;
  headless.users = options.users;
  headless.spawn_rate = options.spawn_rate;
  if (options.run_time.value_or(0) > 0) headless.run_time = std::chrono::seconds(*options.run_time);
  headless.expect_workers = static_cast<std::size_t>(options.expect_workers);
  headless.expect_workers_max_wait = std::chrono::seconds(options.expect_workers_max_wait);
  headless.exit_code_on_error = options.exit_code_on_error;
  return headless;
}

// Everything that can be wrong with the command line and the files it names, before anything is
// started.
struct Inputs {
  std::optional<Scenario> scenario;
  std::vector<UserConfig> config_users;
  MasterConfig master;
};

Result<Inputs> read_inputs(const MasterOptions& options) {
  Inputs inputs;
  if (options.common.locustfile) {
    ParsedScenario parsed = parse_scenario_files({*options.common.locustfile});
    if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
    inputs.scenario = std::move(parsed.scenario);
  }
  auto configs = parse_config_users(options.config_users);
  if (!configs) return Error{configs.error()};
  inputs.config_users = std::move(*configs);
  inputs.master.host = options.common.host;
  inputs.master.stop_timeout = static_cast<double>(options.stop_timeout);
  if (const char* wait = std::getenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP")) {
    const auto parsed = report_wait_from(wait);
    if (!parsed) return Error{parsed.error()};
    inputs.master.report_wait = *parsed;
  }
  return inputs;
}

int run_headless(const MasterOptions& options, Inputs inputs) {
  SystemClock clock;
  EventLoop loop(clock);
  auto router = proto::Router::bind(loop, options.master_bind_host, options.master_bind_port);
  if (!router) {
    log::main().error("{}", router.error());
    return 1;
  }
  UserClassCatalog catalog(inputs.scenario ? &*inputs.scenario : nullptr,
                           std::move(inputs.config_users), options.user_classes);
  if (const auto unknown = catalog.unknown_selected(); inputs.scenario && !unknown.empty()) {
    log::main().error("Unknown User(s): {}", fmt::join(unknown, ", "));
    return 1;
  }
  if (const auto unknown = catalog.unknown_configured(); inputs.scenario && !unknown.empty()) {
    log::main().error("--config-users names user classes that nobody has: {}",
                      fmt::join(unknown, ", "));
    return kUnknownConfigured;
  }
  Master master(loop, **router, std::move(catalog), std::move(inputs.master));
  int exit_code = 0;
  HeadlessRun run(loop, master, headless_options(options), [&](int code) {
    exit_code = code;
    loop.stop();
  });
  SignalWatcher signals(loop, {SIGINT, SIGTERM}, [&](int signal) {
    if (signal == SIGTERM) log::main().info("Got SIGTERM signal");
    run.interrupt();
  });
  ConsolePrinter printer(loop, [&] { return master.snapshot(); });
  if (!options.only_summary) printer.start();
  run.begin();
  loop.run();
  printer.stop();
  print_final(*master.snapshot());
  return exit_code;
}

int main(int argc, char** argv) {
  MasterOptions options;
  if (const ParseOutcome outcome = parse_master_options(argc, argv, options); !outcome.proceed) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  auto inputs = read_inputs(options);
  if (!inputs) return fail(inputs.error(), kUsageError);
  if (!options.headless)
    return fail("the web page is not built in yet; use --headless", kUsageError);
  // Before the first thread: threads inherit the mask, so that only the loop's descriptor hears
  // these signals.
  SignalWatcher::block({SIGINT, SIGTERM});
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the log that ends must not end the test
  if (const auto ok = log::setup({options.common.loglevel, options.common.logfile}); !ok) {
    return fail(ok.error(), kUsageError);
  }
  log::main().info("Starting Locust {} (locust-cpp)", kVersion);
  raise_open_file_limit();
  const int exit_code = run_headless(options, std::move(*inputs));
  log::shutdown();
  return exit_code;
}

}  // namespace
}  // namespace locust::master

int main(int argc, char** argv) { return locust::master::main(argc, argv); }
