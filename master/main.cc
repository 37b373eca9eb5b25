// locust-master: see `locust-master --help`.

#include <spdlog/fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "common/cpu_limit.h"
#include "common/event_loop.h"
#include "common/last_words.h"
#include "common/log.h"
#include "common/scenario_parse.h"
#include "common/signals.h"
#include "common/sysinfo.h"
#include "common/test_files.h"
#include "common/version.h"
#include "master/all_in_one.h"
#include "master/distribution.h"
#include "master/headless.h"
#include "master/master_options.h"
#include "master/run_form.h"
#include "master/run_recorder.h"
#include "master/run_report.h"
#include "master/run_shape.h"
#include "master/run_verdicts.h"
#include "master/terminal_keys.h"
#include "master/tools.h"
#include "master/web_front.h"
#include "master/web_run.h"
#include "proto/socket.h"

namespace locust::master {
namespace {

constexpr int kUsageError = 2;
constexpr int kUnknownConfigured = 255;  // stock's, as the next
constexpr int kContradiction = 255;
constexpr const char* kFromMaster = "-";  // a value of -f
constexpr Duration kSameSignal = std::chrono::milliseconds(300);

int fail(const std::string& message, int code) {
  std::cerr << message << '\n';
  return code;
}

HeadlessOptions headless_options(const MasterOptions& options, std::optional<Shape> shape,
                                 std::vector<Threshold> thresholds) {
  HeadlessOptions headless;
  headless.users = options.users.value_or(headless.users);
  headless.spawn_rate = options.spawn_rate.value_or(headless.spawn_rate);
  headless.shape = std::move(shape);
  if (options.run_time.value_or(0) > 0 && !headless.shape) {
    headless.run_time = std::chrono::seconds(*options.run_time);
  }
  headless.expect_workers = static_cast<std::size_t>(options.expect_workers);
  headless.expect_workers_max_wait = std::chrono::seconds(options.expect_workers_max_wait);
  headless.thresholds = std::move(thresholds);
  headless.checks = options.verdicts.checks;
  headless.exit_rules = exit_rules(options.verdicts);
  return headless;
}

// Everything that can be wrong with the command line and the files it names, before anything is
// started.
struct Inputs {
  std::optional<Scenario> scenario;
  std::vector<UserConfig> config_users;
  std::optional<Shape> shape;
  std::vector<Threshold> thresholds;
  MasterConfig master;
};

Result<Inputs> read_inputs(const MasterOptions& options, ParsedScenario parsed) {
  Inputs inputs;
  if (options.common.locustfile && is_python(*options.common.locustfile)) {
    auto files = read_python_files(*options.common.locustfile);
    if (!files) return Error{files.error()};
    inputs.master.locustfile = *std::move(files);
  } else if (options.common.locustfile) {
    if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
    inputs.master.locustfile = scenario_reply(parsed);
    inputs.master.is_scenario = true;
    inputs.scenario = std::move(parsed.scenario);
    inputs.master.files = digest_files(test_files(*inputs.scenario));
  }
  auto configs = parse_config_users(options.config_users);
  if (!configs) return Error{configs.error()};
  inputs.config_users = std::move(*configs);
  auto shape = run_shape(options, inputs.scenario ? &*inputs.scenario : nullptr);
  if (!shape) return Error{shape.error()};
  inputs.shape = std::move(*shape);
  auto thresholds = run_thresholds(options.verdicts, inputs.scenario ? &*inputs.scenario : nullptr);
  if (!thresholds) return Error{thresholds.error()};
  inputs.thresholds = std::move(*thresholds);
  inputs.master.parsed_options =
      parsed_options(options, inputs.scenario ? &*inputs.scenario : nullptr);
  inputs.master.host = options.common.host;
  inputs.master.enable_rebalancing = options.enable_rebalancing;
  inputs.master.on_worker_loss = options.on_worker_loss;
  inputs.master.stop_timeout = static_cast<double>(options.stop_timeout);
  inputs.master.reset_stats = options.report.reset_stats;
  inputs.master.iterations = options.iterations;
  inputs.master.percentiles = parse_percentiles(options.report.percentiles).value();
  if (const char* wait = std::getenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP")) {
    const auto report_wait = report_wait_from(wait);
    if (!report_wait) return Error{report_wait.error()};
    inputs.master.report_wait = *report_wait;
  }
  return inputs;
}

int run_master(const MasterOptions& options, Inputs inputs) {
  SystemClock clock;
  EventLoop loop(clock);
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
  auto router = proto::Router::bind(loop, options.master_bind_host, options.master_bind_port);
  if (!router) {
    log::main().error("{}", router.error());
    return 1;
  }
  if (options.equal_weights) catalog.assign_equal_weights();
  Master master(loop, **router, std::move(catalog), std::move(inputs.master));
  int exit_code = 0;
  if (inputs.shape) warn_of_ignored_options(options, *inputs.shape);
  const Scenario* scenario = inputs.scenario ? &*inputs.scenario : nullptr;
  RunRecorder recorder(master, static_cast<std::size_t>(options.expect_workers));
  master.set_before_stats_reset([&] { recorder.note_reset(clock.wall_time()); });
  const auto finished = [&](int code) {
    exit_code = code;
    loop.stop();
  };
  std::unique_ptr<TestRun> run;
  std::unique_ptr<WebFront> front;
  std::optional<Duration> run_time;
  std::function<FormView()> form = [&] { return initial_form(options, scenario); };
  if (options.headless) {
    HeadlessOptions headless =
        headless_options(options, std::move(inputs.shape), std::move(inputs.thresholds));
    if (headless.shape) {
      headless.shape_name = options.shape.value_or(scenario->shapes.front().name);
    }
    run_time = headless.run_time;
    run = std::make_unique<HeadlessRun>(loop, master, std::move(headless), finished);
  } else {
    auto web_run = std::make_unique<WebRun>(loop, master, options, scenario,
                                            std::move(inputs.thresholds), finished);
    auto listening = WebFront::listen(loop, master, *web_run, recorder, options);
    if (!listening) {
      log::main().error("{}", listening.error());
      return kUsageError;
    }
    front = *std::move(listening);
    form = [&web_run = *web_run] { return web_run.form(); };
    run = std::move(web_run);
    log::main().info("Starting web interface at {}", web_url(options.web, front->port()));
  }
  TimePoint last_signal{};
  SignalWatcher signals(loop, {SIGINT, SIGTERM}, [&](int signal) {
    // One Ctrl-C comes twice, from the terminal and from a parent that passes it on.
    const TimePoint now = clock.now();
    if (now - std::exchange(last_signal, now) < kSameSignal) return;
    if (signal == SIGTERM) log::main().info("Got SIGTERM signal");
    run->interrupt();
  });
  RunReport report(loop, master, options, run_time);
  if (front || options.report.html_file) report.record(recorder, *run, std::move(form));
  if (front) {
    front->begin();
    report.add([&front](const SnapshotPtr& snapshot) { front->show(snapshot); });
  }
  if (const auto begun = report.begin(); !begun) {
    log::main().error("{}", begun.error());
    return 1;
  }
  run->begin();
  const auto keys = TerminalKeys::open(loop, STDIN_FILENO, [&run](char key) { run->press(key); });
  loop.run();
  front.reset();
  const bool complete = report.finish();
  if (exit_code == 0 && !complete) exit_code = kUsageError;
  return report_verdicts(run->result(), options.verdicts, clock.wall_time(), exit_code);
}

// --processes: a master and its workers, which get what was said to them.
int run_on_this_machine(const MasterOptions& options, const Arguments& arguments, int processes) {
  if (!options.common.locustfile) return fail(kNoScenario, kUsageError);
  const std::string& file = *options.common.locustfile;
  if (is_python(file)) {
    return fail(file +
                    ": the workers of --processes run YAML scenarios; start stock Locust's for "
                    "Python, 'locust -f " +
                    file + " --worker' there, beside 'locust-master -f " + file + "'",
                kUsageError);
  }
  const Arguments same_file = {"--locustfile=" + file};
  return run_all_in_one(with_options(arguments, same_file),
                        with_options(options.arguments_of_worker, same_file), processes);
}

struct Refusal {
  std::string message;
  int exit_code;
};

// What is wrong with options each of which is right; nothing if they fit together.
std::optional<Refusal> refusal(const MasterOptions& options) {
  if (options.common.locustfile == kFromMaster) {
    return Refusal{
        "locustfile was set to '-' (meaning to download from master) but --worker was not "
        "specified.",
        1};
  }
  if (options.autoquit != -1 && !options.autostart) {
    return Refusal{"--autoquit is only meaningful in combination with --autostart", 1};
  }
  if (options.worker_mode) {
    return Refusal{"The --master argument cannot be combined with --worker; start locust-worker",
                   kContradiction};
  }
  if (options.processes != 0 && options.master_mode) {
    return Refusal{"--processes starts workers beside the master; leave out --master with it", 1};
  }
  if (!options.web.base_path.empty() && options.web.base_path.front() != '/') {
    return Refusal{"Invalid format for --web-base-path argument (" + options.web.base_path +
                       "): the url path must start with a slash.",
                   1};
  }
  return std::nullopt;
}

int main(int argc, char** argv) {
  // The scenario comes first, because its arguments are options.
  ParsedScenario parsed;
  if (const auto file = find_locustfile(argc, argv);
      file && *file != kFromMaster && !is_python(*file)) {
    parsed = parse_scenario_files({*file});
  }
  MasterOptions options;
  const ParseOutcome outcome = parse_master_options(argc, argv, parsed.scenario.arguments, options);
  if (!outcome.proceed) {
    if (outcome.exit_code != 0 && !parsed.errors.empty()) {
      return fail(fmt::format("{}", fmt::join(parsed.errors, "\n")), kUsageError);
    }
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  if (options.print_options) {
    std::cout << options_as_markdown();
    return 0;
  }
  if (options.hash_password) return print_password_hash();
  if (!options.compare.empty()) return print_comparison(options.compare, options.report.json_file);
  const Arguments arguments(argv + 1, argv + argc);
  if (options.describe) become("locust-worker", arguments);
  if (const auto refused = refusal(options)) return fail(refused->message, refused->exit_code);
  const auto processes = process_count(options.processes == 0 ? 1 : options.processes);
  if (!processes) return fail(processes.error(), 1);
  auto inputs = read_inputs(options, std::move(parsed));
  if (!inputs) return fail(inputs.error(), kUsageError);
  if (options.processes != 0) return run_on_this_machine(options, arguments, *processes);
  // Before the first thread: threads inherit the mask, so that only the loop's descriptor hears
  // these signals.
  SignalWatcher::block({SIGINT, SIGTERM});
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the log that ends must not end the test
  if (const auto ok = log::setup({.level = options.common.loglevel,
                                  .quiet = options.common.skip_log_setup,
                                  .remember = !options.headless,
                                  .logfile = options.common.logfile});
      !ok) {
    return fail(ok.error(), kUsageError);
  }
  log_uncaught_exceptions();
  log::main().info("Starting Locust {} (locust-cpp)", kVersion);
  for (const std::string& note : outcome.notes) log::main().warn(note);
  if (options.autostart && options.headless) {
    log::main().info("The --autostart argument is implied by --headless, no need to set both.");
  }
  raise_open_file_limit();
  const int exit_code = run_master(options, std::move(*inputs));
  log::shutdown();
  return exit_code;
}

}  // namespace
}  // namespace locust::master

int main(int argc, char** argv) { return locust::master::main(argc, argv); }
