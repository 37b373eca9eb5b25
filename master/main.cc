// locust-master: see `locust-master --help`.

#include <spdlog/fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "common/base/child_processes.h"
#include "common/base/cpu_limit.h"
#include "common/base/end_deadline.h"
#include "common/base/event_loop.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/base/run_program.h"
#include "common/base/signals.h"
#include "common/base/sysinfo.h"
#include "common/base/unheard_signals.h"
#include "common/base/version.h"
#include "common/options/locustfile_paths.h"
#include "common/scenario/input_files.h"
#include "common/scenario/scenario_parse.h"
#include "master/all_in_one.h"
#include "master/python/python_master.h"
#include "master/python/python_options.h"
#include "master/run/distribution.h"
#include "master/run/headless.h"
#include "master/run/master_options.h"
#include "master/run/run_form.h"
#include "master/run/run_host.h"
#include "master/run/run_recorder.h"
#include "master/run/run_report.h"
#include "master/run/run_shape.h"
#include "master/run/run_verdicts.h"
#include "master/run/terminal_keys.h"
#include "master/run/web_front.h"
#include "master/run/web_run.h"
#include "master/tools.h"
#include "proto/class_info.h"
#include "proto/socket.h"

namespace locust::master {
namespace {

constexpr int kUsageError = 2;
constexpr int kOutputLost = 2;
constexpr int kUnknownConfigured = 255;  // stock's, as the next
constexpr int kContradiction = 255;
constexpr const char* kFromMaster = "-";  // a value of -f
constexpr Duration kSameSignal = std::chrono::milliseconds(300);
// What the loop gets beside the stop timeout to take up a signal, and then to end; a moment less than
// supervisors wait, so that this process says itself what holds it up.
constexpr Duration kUnheardGrace = kEndGrace - std::chrono::milliseconds(500);
constexpr Duration kHeardGrace = kMasterGrace - std::chrono::milliseconds(500);

int fail(const std::string& message, int code) {
  std::cerr << printable_lines(message) << '\n';
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

Result<Inputs> read_inputs(const MasterOptions& options, ParsedScenario parsed,
                           PythonMaster* python) {
  Inputs inputs;
  if (python != nullptr) {
    auto files = read_python_files(*options.common.locustfile);
    if (!files) return Error{files.error()};
    inputs.master.locustfile = *std::move(files);
    inputs.scenario = python->take_scenario();
  } else if (options.common.locustfile) {
    if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
    inputs.master.locustfile = scenario_reply(parsed);
    inputs.master.is_scenario = true;
    inputs.scenario = std::move(parsed.scenario);
    inputs.master.files = digest_files(input_files(*inputs.scenario));
  }
  auto configs = parse_config_users(options.config_users);
  if (!configs) return Error{configs.error()};
  if (python == nullptr) {
    if (const auto problem = attribute_problem(*configs)) return Error{*problem};
  }
  inputs.config_users = std::move(*configs);
  if (inputs.master.is_scenario) {
    if (const auto problem =
            problem_of_given_host(options, *inputs.scenario, inputs.config_users)) {
      return Error{*problem};
    }
  }
  auto shape = run_shape(options, inputs.scenario ? &*inputs.scenario : nullptr);
  if (!shape) return Error{shape.error()};
  inputs.shape = std::move(*shape);
  auto thresholds = run_thresholds(options.verdicts, inputs.scenario ? &*inputs.scenario : nullptr);
  if (!thresholds) return Error{thresholds.error()};
  inputs.thresholds = std::move(*thresholds);
  inputs.master.parsed_options =
      parsed_options(options, inputs.scenario ? &*inputs.scenario : nullptr);
  if (python != nullptr) {
    const proto::Value::Map& own = python->arguments();
    inputs.master.parsed_options.insert(inputs.master.parsed_options.end(), own.begin(), own.end());
  }
  if (inputs.scenario) inputs.master.classes = proto::class_infos(*inputs.scenario);
  inputs.master.host = options.common.host;
  inputs.master.enable_rebalancing = options.enable_rebalancing;
  inputs.master.on_worker_loss = options.on_worker_loss;
  inputs.master.stop_timeout = static_cast<double>(options.stop_timeout);
  inputs.master.reset_stats = options.report.reset_stats;
  inputs.master.iterations = options.iterations;
  inputs.master.as_one_process = options.as_one_process;
  inputs.master.percentiles = parse_percentiles(options.report.percentiles).value();
  if (const char* wait = std::getenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP")) {
    const auto report_wait = report_wait_from(wait);
    if (!report_wait) return Error{report_wait.error()};
    inputs.master.report_wait = *report_wait;
  }
  return inputs;
}

int run_master(const MasterOptions& options, Inputs inputs, PythonMaster* python) {
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

// --processes: a master and its workers, which get what was said to them.
int run_on_this_machine(const MasterOptions& options, const Arguments& arguments, int processes) {
  if (!options.common.locustfile) return fail(kNoScenario, kUsageError);
  if (options.bind_address_given) {
    std::cerr << "WARNING: --master-bind-host and --master-bind-port have no effect beside "
                 "--processes, whose workers reach the master at a free port of 127.0.0.1\n";
  }
  const std::string& file = *options.common.locustfile;
  const Arguments same_file = {"--locustfile=" + file};
  // A Python locustfile's own arguments are not known here; a worker accepts a master's.
  const Arguments& of_worker = is_python(file) ? arguments : options.arguments_of_worker;
  return run_all_in_one(
      {.of_master = with_options(arguments, same_file),
       .of_worker = with_options(of_worker, same_file),
       .processes = processes,
       .stop_timeout = seconds(static_cast<double>(options.stop_timeout)),
       .exit_codes = is_python(file) ? ExitCodes::kOfTheTest : ExitCodes::kOfTheProgram});
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

// Loads a Python locustfile and takes its own arguments out of `arguments`. An exit code ends the
// process.
std::optional<int> load_python(const LocustfilePlace& place, PythonMaster& python,
                               const char* program, Arguments& arguments) {
  const auto files = python_files(*place.file);
  if (!files) return fail(files.error(), kUsageError);
  // What is wrong with them is an error of the options, which are read next.
  static_cast<void>(apply_mask_options(place.mask));
  std::vector<std::string> all = {program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  if (const auto failed = python.load({place.python_home, all}, *files)) return failed;
  python::OtherArguments others = python::take_arguments(arguments);
  arguments = std::move(others.arguments);
  return others.exit_code;
}

std::optional<int> begin_python(PythonMaster& python, const MasterOptions& options) {
  const auto configs = parse_config_users(options.config_users);
  if (configs) return python.begin(options_object(options), *configs);
  log::main().error("{}", configs.error());
  return kUsageError;
}

int main(int argc, char** argv) {
  // The test comes first, because its arguments are options.
  const LocustfilePlace place = find_locustfile(argc, argv);
  const Arguments arguments(argv + 1, argv + argc);
  Arguments own_arguments = arguments;
  ParsedScenario parsed;
  std::unique_ptr<PythonMaster> python;
  const bool is_of_python = place.file && is_python(*place.file);
  if (is_of_python && !place.for_others) {
    python = std::make_unique<PythonMaster>();
    if (const auto exit_code = load_python(place, *python, argv[0], own_arguments)) {
      return *exit_code;
    }
  } else if (place.file && *place.file != kFromMaster && !is_of_python) {
    parsed = parse_scenario_files({*place.file});
  }
  std::vector<const char*> own_argv = {argv[0]};
  for (const std::string& argument : own_arguments) own_argv.push_back(argument.c_str());
  MasterOptions options;
  const ParseOutcome outcome =
      parse_master_options(static_cast<int>(own_argv.size()), own_argv.data(),
                           parsed.scenario.arguments, options, is_of_python && place.for_others);
  if (!outcome.proceed) {
    if (outcome.exit_code != 0 && !parsed.errors.empty()) {
      return fail(fmt::format("{}", fmt::join(parsed.errors, "\n")), kUsageError);
    }
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    if (outcome.exit_code == 0 && python) std::cout << python::help_of_arguments();
    return outcome.exit_code;
  }
  if (options.print_options) {
    std::cout << options_as_markdown();
    return 0;
  }
  if (options.hash_password) return print_password_hash();
  if (!options.compare.empty()) return print_comparison(options.compare, options.report.json_file);
  if (options.describe) become("locust-worker", arguments);
  if (const auto refused = refusal(options)) return fail(refused->message, refused->exit_code);
  const auto processes = process_count(options.processes == 0 ? 1 : options.processes);
  if (!processes) return fail(processes.error(), 1);
  std::optional<Inputs> inputs;
  if (!is_of_python) {
    auto read = read_inputs(options, std::move(parsed), nullptr);
    if (!read) return fail(read.error(), kUsageError);
    inputs = std::move(*read);
  }
  if (options.processes != 0) return run_on_this_machine(options, arguments, *processes);
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
  for (const std::string& note : outcome.notes) log::main().warn(note);
  if (options.autostart && options.headless) {
    log::main().info("The --autostart argument is implied by --headless, no need to set both.");
  }
  if (python) {
    if (const auto failed = begin_python(*python, options)) {
      log::shutdown();
      return *failed;
    }
    auto read = read_inputs(options, {}, python.get());
    if (!read) {
      log::main().error("{}", read.error());
      log::shutdown();
      return kUsageError;
    }
    inputs = std::move(*read);
  }
  const int exit_code = run_master(options, std::move(*inputs), python.get());
  return log::shutdown() || exit_code != 0 ? exit_code : kOutputLost;
}

}  // namespace
}  // namespace locust::master

int main(int argc, char** argv) { return locust::run_program(argc, argv, locust::master::main); }
