// locust-worker: see `locust-worker --help`.

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>

#include "common/cpu_limit.h"
#include "common/event_loop.h"
#include "common/last_words.h"
#include "common/log.h"
#include "common/scenario_parse.h"
#include "common/scenario_schema.h"
#include "common/signals.h"
#include "common/sysinfo.h"
#include "common/test_files.h"
#include "common/version.h"
#include "proto/node_id.h"
#include "proto/socket.h"
#include "worker/download.h"
#include "worker/dry_run_main.h"
#include "worker/processes.h"
#include "worker/sample_file.h"
#include "worker/scenario/program.h"
#include "worker/scenario/source_ip.h"
#include "worker/scenario/summary.h"
#include "worker/user_loop.h"
#include "worker/worker.h"
#include "worker/worker_options.h"

namespace locust::worker {
namespace {

constexpr int kUsageError = 2;
constexpr int kNoLocustfile = 1;                     // the master sent none; main.py
constexpr int kUnknownConfigured = 255;              // main.py
constexpr int kInvalidProcesses = 1;                 // main.py
constexpr std::uint64_t kMinimumOpenFiles = 10'000;  // main.py minimum_open_file_limit

int fail(const std::string& message, int code) {
  std::cerr << message << '\n';
  return code;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::vector<std::string>> source_ips(const WorkerOptions& options) {
  std::vector<std::string> all;
  for (const std::string& range : options.source_ip) {
    const auto addresses = local_addresses(range);
    if (!addresses) return Error{"--source-ip: " + addresses.error()};
    all.insert(all.end(), addresses->begin(), addresses->end());
  }
  return all;
}

Result<std::unique_ptr<ScenarioProgram>> load_scenario(ParsedScenario parsed,
                                                       const WorkerOptions& options) {
  if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
  const auto addresses = source_ips(options);
  if (!addresses) return Error{addresses.error()};
  if (!addresses->empty()) {
    for (UserClassSpec& user : parsed.scenario.users) user.source_ip.clear();
  }
  CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), environment_variable);
  if (!compiled.program) return Error{fmt::format("{}", fmt::join(compiled.errors, "\n"))};
  for (const auto& [name, value] : options.arguments) {
    if (value) compiled.program->give_argument(name, ExprValue(*value));
  }
  if (!addresses->empty()) compiled.program->set_source_ips(*addresses);
  compiled.program->set_own_tags(options.tags.tags, options.tags.exclude_tags);
  return std::move(compiled.program);
}

Result<Duration> additional_wait() {
  constexpr const char* kName = "LOCUST_WORKER_ADDITIONAL_WAIT_BEFORE_READY_AFTER_STOP";
  const char* text = std::getenv(kName);
  if (text == nullptr) return Duration::zero();
  char* end = nullptr;
  const long wait = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || wait < 0 || wait > 86'400) {
    return Error{std::string(kName) + ": '" + text + "' is not a whole number of seconds"};
  }
  return Duration(std::chrono::seconds(wait));
}

std::vector<proto::TaskRatio> task_ratios(const std::vector<TaskSpec>& tasks) {
  double sum = 0;
  for (const TaskSpec& task : tasks) sum += task.weight;
  std::vector<proto::TaskRatio> ratios;
  for (const TaskSpec& task : tasks) {
    ratios.push_back({task.name, task.weight / sum, task_ratios(task.tasks)});
  }
  return ratios;
}

// What masters of ours learn of the classes in the first report after each ack.
std::vector<proto::ClassInfo> describe(const Scenario& scenario,
                                       const std::vector<UserClass>& classes) {
  std::vector<proto::ClassInfo> infos;
  for (const UserClass& user_class : classes) {
    proto::ClassInfo info{user_class.name, user_class.weight, user_class.fixed_count, {}, {}};
    if (!user_class.host.empty()) info.host = user_class.host;
    for (const UserClassSpec& spec : scenario.users) {
      if (spec.name == user_class.name) info.tasks = task_ratios(spec.tasks);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

void warn_of_limits() {
  if (const std::uint64_t limit = raise_open_file_limit(); limit < kMinimumOpenFiles) {
    log::main().warn(
        "System open file limit '{}' is below minimum setting '{}'. It's not high enough for load "
        "testing, and the OS "
        "didn't allow locust to increase it by itself.",
        limit, kMinimumOpenFiles);
  }
  if (const auto proxy = proxy_environment()) {
    log::main().info(
        "{} is set; proxy variables of the environment are ignored, as in stock Locust", *proxy);
  }
}

// Of one core, that each of `processes` may use when they share a quota evenly.
double cpu_share(int processes) {
  const auto quota = cgroup_cpu_quota();
  return quota ? std::clamp(*quota / processes, 0.01, 1.0) : 1.0;
}

int run(const WorkerOptions& options, int processes, ScenarioProgram& program,
        Duration wait_before_ready, SampleFile* samples) {
  SystemClock clock;
  EventLoop control(clock);
  const std::string client_id = proto::make_node_id(host_name());
  auto dealer =
      proto::Dealer::connect(control, options.master_host, options.master_port, client_id);
  if (!dealer) {
    log::main().error("Failed to connect to the Locust master: {}", dealer.error());
    return Worker::kExitCodeNoMaster;
  }

  UserLoopOptions loop_options;
  loop_options.classes = program.user_classes();
  loop_options.engine = program.engine_options();
  loop_options.on_worker_index = [&program](int index) { program.set_worker_index(index); };
  if (samples) {
    loop_options.on_request = [samples](const RequestSample& sample) { samples->add(sample); };
  }
  loop_options.on_test_begin = [&program](const TestSettings& settings) {
    program.begin_test(settings.expect_workers);
  };
  loop_options.on_options = [&program](const TestOptions& told) { program.set_options(told); };
  loop_options.on_all_spawned = [&program] { program.all_spawned(); };
  loop_options.on_tasks = [&program](const std::string& name, std::vector<std::string> tasks) {
    program.set_tasks(name, std::move(tasks));
  };
  loop_options.hooks = {program.test_start(), program.test_stop()};
  loop_options.seed = std::random_device{}();
  loop_options.reset_stats = options.reset_stats;
  WorkerConfig config{
      .client_id = client_id,
      .master_address = options.master_host + ":" + std::to_string(options.master_port),
      .host = options.common.host,
      .connect_timeout = std::chrono::seconds(options.connect_timeout),
      .cpu_share = cpu_share(processes),
      .open_file_limit = raise_open_file_limit(),
      .throttled_periods = [] { return cgroup_throttled_periods(); },
      .stop_timeout = std::chrono::seconds(options.stop_timeout),
      .additional_wait = wait_before_ready,
      .logs = log::remembered,
      .user_classes = describe(program.scenario(), loop_options.classes),
      .files = digest_files(test_files(program.scenario()))};

  int exit_code = 0;
  std::optional<Worker> worker;
  program.on_stop_test([&control, &worker] { control.post([&worker] { worker->stop_test(); }); });
  ThreadedUserLoop users(control, std::move(loop_options), [&](const TaskException& exception) {
    worker->report_exception(exception);
  });
  worker.emplace(control, **dealer, users, std::move(config), [&](int code) {
    exit_code = code;
    control.stop();
  });
  SignalWatcher signals(control, {SIGINT, SIGTERM}, [&](int signal) {
    if (signal == SIGTERM) log::main().info("Got SIGTERM signal");
    worker->interrupt();
  });
  worker->begin();
  control.run();
  return exit_code;
}

// What is asked for instead of a run; empty: a run.
std::string description(const WorkerOptions& options, const ScenarioProgram& program) {
  const Scenario& scenario = program.scenario();
  if (options.list) return describe_user_classes(scenario);
  if (options.show_task_ratio) return describe_task_ratio(scenario, options.users);
  if (options.show_task_ratio_json) return describe_task_ratio_json(scenario, options.users);
  return options.validate ? describe_program(program) : std::string();
}

int main(int argc, char** argv) {
  // The scenario comes first, because its arguments are options.
  const ScenarioPlace place = find_scenario(argc, argv);
  DownloadedScenario downloaded;
  ParsedScenario parsed;
  if (place.locustfile == "-") {
    auto sent = download_scenario(place.master_host, place.master_port);
    if (!sent) return fail(sent.error(), kNoLocustfile);
    downloaded = *std::move(sent);
    parsed = parse_scenario_files(downloaded.files);
  } else if (place.locustfile) {
    parsed = parse_scenario_files({*place.locustfile});
  }
  WorkerOptions options;
  const ParseOutcome outcome = parse_worker_options(argc, argv, parsed.scenario.arguments, options);
  if (!outcome.proceed) {
    if (outcome.exit_code != 0 && !parsed.errors.empty()) {
      return fail(fmt::format("{}", fmt::join(parsed.errors, "\n")), kUsageError);
    }
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  if (options.print_schema) {
    std::cout << scenario_schema();
    return 0;
  }
  auto program = load_scenario(std::move(parsed), options);
  if (!program) return fail(program.error(), kUsageError);
  if (const std::string text = description(options, **program); !text.empty()) {
    std::cout << text;
    return 0;
  }
  if (options.dry_run) return run_dry(options, **program);
  if (options.equal_weights) (*program)->assign_equal_weights();
  const auto configs = parse_config_users(options.config_users);
  if (!configs) return fail(configs.error(), kUsageError);
  if (const auto ok = (*program)->configure(*configs); !ok) {
    return fail(ok.error(), kUnknownConfigured);
  }
  const auto wait = additional_wait();
  if (!wait) return fail(wait.error(), kUsageError);
  const auto processes = process_count(options.processes == 0 ? 1 : options.processes);
  if (!processes) return fail(processes.error(), kInvalidProcesses);
  if (*processes > 1 && options.samples) {
    return fail("--samples writes the file of one worker; leave out --processes with it",
                kUsageError);
  }
  if (options.processes != 0) {
    if (const auto exit_code = fork_workers(*processes)) return *exit_code;
  }
  // Before the first thread: threads inherit the mask, so that only the loop's descriptor hears these signals.
  SignalWatcher::block({SIGINT, SIGTERM});
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto ok = log::setup({.level = options.common.loglevel,
                                  .quiet = options.common.skip_log_setup,
                                  .remember = true,
                                  .logfile = options.common.logfile});
      !ok) {
    return fail(ok.error(), kUsageError);
  }
  log_uncaught_exceptions();
  log::main().info("Starting Locust {} (locust-cpp)", kVersion);
  for (const std::string& note : outcome.notes) log::main().warn(note);
  warn_of_limits();
  std::unique_ptr<SampleFile> samples;
  if (options.samples) {
    auto file = SampleFile::create(*options.samples);
    if (!file) {
      log::main().error(file.error());
      log::shutdown();
      return kUsageError;
    }
    samples = std::move(*file);
  }
  const int exit_code = run(options, *processes, **program, *wait, samples.get());
  samples.reset();  // what it could not write is worth a line
  log::shutdown();
  return exit_code;
}

}  // namespace
}  // namespace locust::worker

int main(int argc, char** argv) { return locust::worker::main(argc, argv); }
