#include "worker/worker_run.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <utility>

#include "common/base/cpu_limit.h"
#include "common/base/end_deadline.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/base/signals.h"
#include "common/base/sysinfo.h"
#include "common/base/version.h"
#include "proto/node_id.h"
#include "proto/socket.h"
#include "worker/loop/sample_file.h"

namespace locust::worker {
namespace {

constexpr int kInvalidProcesses = 1;  // main.py
constexpr int kOutputLost = 2;
constexpr std::uint64_t kMinimumOpenFiles = 10'000;  // main.py minimum_open_file_limit

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

// What is the same for every process of this worker.
struct Setting {
  int processes;
  Duration wait_before_ready;
  SharedStopTimeout& stop_timeout;
};

// Is called where it goes.
struct AtEnd {
  explicit AtEnd(std::function<void()> function) : call(std::move(function)) {}
  ~AtEnd() {
    if (call) call();
  }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  std::function<void()> call;
};

int run(const WorkerOptions& options, const Setting& setting, const std::string& client_id,
        EndDeadline& deadline, RunParts parts) {
  SystemClock clock;
  EventLoop control(clock);
  auto dealer =
      proto::Dealer::connect(control, options.master_host, options.master_port, client_id);
  if (!dealer) {
    log::main().error("Failed to connect to the Locust master: {}", dealer.error());
    return Worker::kExitCodeNoMaster;
  }
  parts.loop.seed = std::random_device{}();
  parts.loop.reset_stats = options.reset_stats;
  WorkerConfig config{
      .client_id = client_id,
      .master_address = options.master_host + ":" + std::to_string(options.master_port),
      .host = options.common.host,
      .connect_timeout = std::chrono::seconds(options.connect_timeout),
      .cpu_share = cpu_share(setting.processes),
      .open_file_limit = raise_open_file_limit(),
      .throttled_periods = [] { return cgroup_throttled_periods(); },
      .stop_timeout = setting.stop_timeout.get(),
      .additional_wait = setting.wait_before_ready,
      .logs = log::remembered,
      .on_stop_timeout = [&setting](Duration timeout) { setting.stop_timeout.set(timeout); },
      .on_ending = [&deadline](Duration within) { deadline.arm(within); },
      .blocked_by = parts.blocked_by,
      .user_classes = std::move(parts.classes),
      .files = std::move(parts.files)};

  int exit_code = 0;
  std::optional<Worker> worker;
  const AtEnd disconnect(std::move(parts.disconnect));
  ThreadedUserLoop users(control, std::move(parts.loop), [&](const TaskException& exception) {
    worker->report_exception(exception);
  });
  worker.emplace(control, **dealer, users, std::move(config), [&](int code) {
    exit_code = code;
    control.stop();
  });
  if (parts.connect) parts.connect(control, *worker, users);
  SignalWatcher signals(control, ending_signals(), [&](int signal) {
    if (signal != SIGINT) log::main().info("Got {} signal", signal_name(signal));
    worker->interrupt();
  });
  worker->begin();
  control.run();
  if (worker->unfinished()) {
    worker.reset();
    dealer->reset();  // sends what the worker said last
    end_at_once(exit_code);
  }
  return exit_code;
}

int run_parts(const WorkerOptions& options, const Setting& setting, const RunSteps& steps,
              SampleFile* samples) {
  const std::string client_id = proto::make_node_id(host_name());
  auto made = steps.parts(client_id);
  const auto end = [&steps](int code) { return steps.end ? steps.end(code) : code; };
  if (const int* exit_code = std::get_if<int>(&made)) return end(*exit_code);
  auto& parts = std::get<RunParts>(made);
  parts.loop.engine.max_body_bytes = options.max_body_size;
  if (samples) {
    parts.loop.on_request = [samples](const RequestSample& sample) { samples->add(sample); };
  }
  EndDeadline deadline(parts.blocked_by);
  int exit_code = 0;
  {
    const std::shared_ptr<void> guard = std::move(parts.guard);
    exit_code = run(options, setting, client_id, deadline, std::move(parts));
  }
  return end(exit_code);
}

}  // namespace

int fail(const std::string& message, int exit_code) {
  std::cerr << printable_lines(message) << '\n';
  return exit_code;
}

int run_worker(const WorkerOptions& options, const std::vector<std::string>& notes,
               const RunSteps& steps) {
  const auto wait = additional_wait();
  if (!wait) return fail(wait.error(), kUsageError);
  const auto processes = process_count(options.processes == 0 ? 1 : options.processes);
  if (!processes) return fail(processes.error(), kInvalidProcesses);
  if (*processes > 1 && options.samples) {
    return fail("--samples writes the file of one worker; leave out --processes with it",
                kUsageError);
  }
  SharedStopTimeout stop_timeout(seconds(static_cast<double>(options.stop_timeout)));
  if (*processes > 1) {
    if (const auto exit_code = fork_workers(*processes, stop_timeout, steps.fork)) {
      return *exit_code;
    }
  }
  // Before the first thread: threads inherit the mask, so that only the loop's descriptor hears these signals.
  SignalWatcher::block(ending_signals());
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
  for (const std::string& note : notes) log::main().warn(note);
  warn_of_limits();
  std::unique_ptr<SampleFile> samples;
  if (options.samples) {
    auto file =
        SampleFile::create(*options.samples, options.csv_safe ? CsvCells::kSafe : CsvCells::kRaw);
    if (!file) {
      log::main().error(file.error());
      log::shutdown();
      return kUsageError;
    }
    samples = std::move(*file);
  }
  const int exit_code = run_parts(options, {*processes, *wait, stop_timeout}, steps, samples.get());
  const bool has_samples = !samples || samples->finish();
  const bool has_log = log::shutdown();
  return exit_code == 0 && !(has_samples && has_log) ? kOutputLost : exit_code;
}

}  // namespace locust::worker
