#include "worker/worker_run.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "common/base/cpu_limit.h"
#include "common/base/end_deadline.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/run_program.h"
#include "common/base/signals.h"
#include "common/base/sysinfo.h"
#include "common/base/version.h"
#include "proto/node_id.h"
#include "proto/socket.h"
#include "worker/control/posted_control.h"
#include "worker/control/processes.h"
#include "worker/control/worker.h"
#include "worker/loop/sample_file.h"
#include "worker/loop/user_loop.h"

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

// The share of one core that each of `processes` may use if they share a quota evenly.
double cpu_share(int processes) {
  const auto quota = cgroup_cpu_quota();
  return quota ? std::clamp(*quota / processes, 0.01, 1.0) : 1.0;
}

// The settings that all processes of this worker share.
struct Setting {
  const WorkerOptions& options;
  int processes;
  Duration wait_before_ready;
  SharedStopTimeout& stop_timeout;
  SampleFile* samples;  // may be null
};

// One process of a worker, with its program.
class WorkerProcess final : public WorkerEvents {
 public:
  WorkerProcess(const Setting& setting, TestProgram& program)
      : setting_(setting), program_(program) {}

  // Returns the exit code.
  int run();

 private:
  int work(EventLoop& control, PostedControl& requests);
  WorkerConfig worker_config();
  UserLoopOptions loop_options() const;

  void stop_timeout_set(Duration timeout) override { setting_.stop_timeout.set(timeout); }
  void ending(Duration within) override { deadline_->arm(within); }
  void finished(int exit_code) override {
    exit_code_ = exit_code;
    control_->stop();
  }

  const Setting& setting_;
  TestProgram& program_;
  const std::string client_id_ = proto::make_node_id(host_name());
  std::optional<EndDeadline> deadline_;
  EventLoop* control_ = nullptr;  // that work() runs
  int exit_code_ = 0;
};

int WorkerProcess::run() {
  {
    SystemClock clock;
    EventLoop control(clock);
    PostedControl requests(control);
    const auto failed = program_.begin(client_id_, requests);
    exit_code_ = failed ? *failed : work(control, requests);
    program_.disconnect();
  }
  return program_.end(exit_code_);
}

int WorkerProcess::work(EventLoop& control, PostedControl& requests) {
  control_ = &control;
  deadline_.emplace([this] { return program_.blocked_by(); });
  const WorkerOptions& options = setting_.options;
  auto dealer =
      proto::Dealer::connect(control, options.master_host, options.master_port, client_id_);
  if (!dealer) {
    log::main().error("Failed to connect to the Locust master: {}", dealer.error());
    return Worker::kExitCodeNoMaster;
  }
  WorkerConfig config = worker_config();
  PostedUserLoop users(control, program_, loop_options());
  std::optional<Worker> worker(std::in_place, control, **dealer, users, std::move(config), *this);
  requests.attach(*worker);
  SignalWatcher signals(control, ending_signals(), [&](int signal) {
    if (signal != SIGINT) log::main().info("Got {} signal", signal_name(signal));
    worker->interrupt();
  });
  worker->begin();
  std::thread control_thread([&] {
    control.run();
    if (worker->unfinished()) {
      worker.reset();
      dealer->reset();  // sends what the worker said last
      end_at_once(exit_code_);
    }
    users.stop();
  });
  // The users have the main thread: Python packages expect to be used where they were imported.
  users.run();
  control_thread.join();
  return exit_code_;
}

WorkerConfig WorkerProcess::worker_config() {
  const WorkerOptions& options = setting_.options;
  return {.client_id = client_id_,
          .master_address = options.master_host + ":" + std::to_string(options.master_port),
          .host = options.common.host,
          .connect_timeout = std::chrono::seconds(options.connect_timeout),
          .cpu_share = cpu_share(setting_.processes),
          .open_file_limit = raise_open_file_limit(),
          .throttled_periods = [] { return cgroup_throttled_periods(); },
          .stop_timeout = setting_.stop_timeout.get(),
          .additional_wait = setting_.wait_before_ready,
          .logs = log::remembered,
          .user_classes = program_.class_infos(),
          .files = program_.files()};
}

UserLoopOptions WorkerProcess::loop_options() const {
  return {.max_body_bytes = setting_.options.max_body_size,
          .seed = std::random_device{}(),
          .reset_stats = setting_.options.reset_stats,
          .samples = setting_.samples};
}

// Opens the log of the process and writes its first lines. Returns an exit code if it cannot be
// opened.
std::optional<int> begin_log(const WorkerOptions& options, const std::vector<std::string>& notes) {
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
  return std::nullopt;
}

}  // namespace

int run_worker(const WorkerOptions& options, const std::vector<std::string>& notes,
               TestProgram& program) {
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
    if (const auto exit_code = fork_workers(*processes, stop_timeout, program)) {
      return *exit_code;
    }
  }
  // Before the first thread starts: threads inherit the mask, so that only the loop's descriptor
  // receives these signals.
  SignalWatcher::block(ending_signals());
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto exit_code = begin_log(options, notes)) return *exit_code;
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
  const Setting setting{options, *processes, *wait, stop_timeout, samples.get()};
  const int exit_code = WorkerProcess(setting, program).run();
  const bool has_samples = !samples || samples->finish();
  const bool has_log = log::shutdown();
  return exit_code == 0 && !(has_samples && has_log) ? kOutputLost : exit_code;
}

}  // namespace locust::worker
