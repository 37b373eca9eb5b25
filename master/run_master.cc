#include "master/run_master.h"

#include <spdlog/fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "common/base/child_processes.h"
#include "common/base/end_deadline.h"
#include "common/base/event_loop.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/run_program.h"
#include "common/base/signals.h"
#include "common/base/unheard_signals.h"
#include "common/base/version.h"
#include "master/all_in_one.h"
#include "master/run/headless.h"
#include "master/run/option_refusals.h"
#include "master/run/run_form.h"
#include "master/run/run_recorder.h"
#include "master/run/run_report.h"
#include "master/run/run_shape.h"
#include "master/run/run_verdicts.h"
#include "master/run/terminal_keys.h"
#include "master/run/web_front.h"
#include "master/run/web_run.h"
#include "proto/socket.h"

namespace locust::master {
namespace {

constexpr int kUnknownConfigured = 255;  // stock's
constexpr Duration kSameSignal = std::chrono::milliseconds(300);
// What the loop gets beside the stop timeout to take up a signal, and then to end; a moment less than
// supervisors wait, so that this process says itself what holds it up.
constexpr Duration kUnheardGrace = kEndGrace - std::chrono::milliseconds(500);
constexpr Duration kHeardGrace = kMasterGrace - std::chrono::milliseconds(500);

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

}  // namespace

std::optional<int> set_up_process(const MasterOptions& options,
                                  const std::vector<std::string>& notes) {
  // Before the first thread: threads inherit the mask, so that only the loop's descriptor hears
  // these signals.
  SignalWatcher::block(ending_signals());
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
  for (const std::string& note : notes) log::main().warn(note);
  if (options.autostart && options.headless) {
    log::main().info("The --autostart argument is implied by --headless, no need to set both.");
  }
  return std::nullopt;
}

int run_master(const MasterOptions& options, RunInputs inputs, PythonMaster* python) {
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
  const auto finished = [&](int code) {
    exit_code = code;
    loop.stop();
  };
  std::unique_ptr<TestRun> run;
  std::unique_ptr<WebFront> front;
  std::optional<Duration> run_time;
  std::function<FormView()> form = [&] { return initial_form(options, scenario, python); };
  std::function<void()> stop = [&run] { run->interrupt(); };  // of test code
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
                                            std::move(inputs.thresholds), finished, python);
    auto listening = WebFront::listen(loop, master, *web_run, recorder, options);
    if (!listening) {
      log::main().error("{}", listening.error());
      return kUsageError;
    }
    front = *std::move(listening);
    form = [&web_run = *web_run] { return web_run.form(); };
    stop = [&web_run = *web_run] { web_run.stop(); };
    run = std::move(web_run);
    log::main().info("Starting web interface at {}", web_url(options.web, front->port()));
  }
  const Duration stop_timeout = seconds(static_cast<double>(options.stop_timeout));
  EndDeadline deadline(python == nullptr ? std::function<std::string()>() : python->blocked_by());
  const UnheardSignals unheard(clock, ending_signals(), stop_timeout + kUnheardGrace,
                               [&deadline] { deadline.arm(Duration::zero()); });
  TimePoint last_signal{};
  SignalWatcher signals(loop, ending_signals(), [&](int signal) {
    // One Ctrl-C comes twice, from the terminal and from a parent that passes it on.
    const TimePoint now = clock.now();
    if (now - std::exchange(last_signal, now) < kSameSignal) return;
    if (signal != SIGINT) log::main().info("Got {} signal", signal_name(signal));
    deadline.arm(stop_timeout + kHeardGrace);
    run->interrupt();
  });
  RunReport report(loop, master, options, run_time);
  if (front || options.report.html_file) report.record(recorder, *run, std::move(form));
  if (front) {
    front->begin();
    report.add([&front](const SnapshotPtr& snapshot) { front->show(snapshot); });
  }
  if (const int exit_code_of_files = report.begin(); exit_code_of_files != 0) {
    return exit_code_of_files;
  }
  if (python != nullptr) {
    const PythonMaster::Control control{.stop = [&stop] { stop(); },
                                        .quit = [&run] { run->interrupt(); },
                                        .exit =
                                            [&master, &run] {
                                              if (!master.quitting()) run->interrupt();
                                            }};
    if (const auto failed = python->enter(loop, master, control)) return *failed;
  }
  run->begin();
  const auto keys = TerminalKeys::open(loop, STDIN_FILENO, [&run](char key) { run->press(key); });
  loop.run();
  front.reset();
  const bool complete = report.finish();
  if (exit_code == 0 && !complete) exit_code = kOutputLost;
  exit_code = report_verdicts(run->result(), options.verdicts, clock.wall_time(), exit_code);
  return python == nullptr ? exit_code : python->leave(exit_code);
}

}  // namespace locust::master
