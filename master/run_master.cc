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
#include "master/run/option_refusals.h"
#include "master/run/run_controller.h"
#include "master/run/run_recorder.h"
#include "master/run/run_report.h"
#include "master/run/run_shape.h"
#include "master/run/run_verdicts.h"
#include "master/run/terminal_keys.h"
#include "master/run/web_front.h"
#include "proto/socket.h"

namespace locust::master {
namespace {

constexpr int kUnknownConfigured = 255;  // stock's
constexpr Duration kSameSignal = std::chrono::milliseconds(300);
// What the loop gets beside the stop timeout to take up a signal, and then to end; a moment less than
// supervisors wait, so that this process says itself what holds it up.
constexpr Duration kUnheardGrace = kEndGrace - std::chrono::milliseconds(500);
constexpr Duration kHeardGrace = kMasterGrace - std::chrono::milliseconds(500);

// Of a test that names its classes itself. The exit code if it has not those that were asked for.
std::optional<int> missing_classes_code(const UserClassCatalog& catalog) {
  if (const auto unknown = catalog.unknown_selected(); !unknown.empty()) {
    log::main().error("Unknown User(s): {}", fmt::join(unknown, ", "));
    return 1;
  }
  if (const auto unknown = catalog.unknown_configured(); !unknown.empty()) {
    log::main().error("--config-users names unknown user classes: {}", fmt::join(unknown, ", "));
    return kUnknownConfigured;
  }
  return std::nullopt;
}

// The signals that end a run; and the end of a process that does not take them up.
class EndingSignals final {
 public:
  // `stop_timeout`: of the command line. `blocked_by`: what holds up the loop, for the log.
  EndingSignals(EventLoop& loop, const Master& master, Duration stop_timeout,
                std::function<std::string()> blocked_by, RunController& run)
      : clock_(loop.clock()),
        master_(master),
        run_(run),
        deadline_(std::move(blocked_by)),
        unheard_(clock_, ending_signals(), stop_timeout + kUnheardGrace,
                 [this] { deadline_.arm(Duration::zero()); }),
        watcher_(loop, ending_signals(), [this](int signal) { receive(signal); }) {}

 private:
  void receive(int signal) {
    // One Ctrl-C comes twice, from the terminal and from a parent that passes it on.
    const TimePoint now = clock_.now();
    if (now - std::exchange(last_, now) < kSameSignal) return;
    if (signal != SIGINT) log::main().info("Got {} signal", signal_name(signal));
    deadline_.arm(seconds(master_.stop_timeout()) + kHeardGrace);
    run_.interrupt();
  }

  const Clock& clock_;
  const Master& master_;
  RunController& run_;
  TimePoint last_{};
  EndDeadline deadline_;
  UnheardSignals unheard_;
  SignalWatcher watcher_;
};

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
  const Scenario* const scenario = inputs.scenario ? &*inputs.scenario : nullptr;
  UserClassCatalog catalog(scenario, inputs.config_users, options.user_classes);
  if (const auto failed = scenario == nullptr ? std::nullopt : missing_classes_code(catalog)) {
    return *failed;
  }
  auto router = proto::Router::bind(loop, options.master_bind_host, options.master_bind_port);
  if (!router) {
    log::main().error("{}", router.error());
    return 1;
  }
  // A locustfile's classes get them after init, and later listeners may set others.
  if (options.equal_weights && python == nullptr) catalog.assign_equal_weights();
  Master master(loop, **router, std::move(catalog), std::move(inputs.master));
  if (inputs.shape) warn_of_ignored_options(options, *inputs.shape);
  RunRecorder recorder(master, static_cast<std::size_t>(options.expect_workers));
  int exit_code = 0;
  const auto finished = [&](int code) {
    exit_code = code;
    loop.stop();
  };
  RunController run(loop, master, options,
                    {.scenario = scenario,
                     .locustfile = python,
                     .locustfile_shape = python,
                     .config_users = std::move(inputs.config_users),
                     .shape = std::move(inputs.shape),
                     .thresholds = std::move(inputs.thresholds)},
                    finished);
  std::unique_ptr<WebFront> front;
  if (!options.headless) {
    auto listening = WebFront::listen(loop, master, run, recorder, options);
    if (!listening) {
      log::main().error("{}", listening.error());
      return kUsageError;
    }
    front = *std::move(listening);
    log::main().info("Starting web interface at {}", web_url(options.web, front->port()));
  }
  EndingSignals signals(loop, master, seconds(static_cast<double>(options.stop_timeout)),
                        python == nullptr ? std::function<std::string()>() : python->blocked_by(),
                        run);
  RunReport report(loop, master, run, options);
  if (front || options.report.html_file) report.record(recorder);
  if (front) report.add([&front](const SnapshotPtr& snapshot) { front->show(snapshot); });
  if (const int code_of_files = report.begin(); code_of_files != 0) return code_of_files;
  if (front) front->begin();  // once there are the files that it serves
  if (const auto failed = python == nullptr ? std::nullopt : python->enter(loop, master, run)) {
    return *failed;
  }
  run.begin();
  const auto keys = TerminalKeys::open(loop, STDIN_FILENO, [&run](char key) { run.press(key); });
  loop.run();
  front.reset();
  const bool complete = report.finish();
  if (exit_code == 0 && !complete) exit_code = kOutputLost;
  exit_code = report_verdicts(run.result(), options.verdicts, clock.wall_time(), exit_code);
  return python == nullptr ? exit_code : python->leave(exit_code);
}

}  // namespace locust::master
