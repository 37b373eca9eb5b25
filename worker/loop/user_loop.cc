#include "worker/loop/user_loop.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/sysinfo.h"
#include "common/stats/mask_stats.h"
#include "worker/loop/self_diagnosis.h"

namespace locust::worker {
namespace {

constexpr Duration kFailedHooksInterval = std::chrono::seconds(10);

}  // namespace

ThreadedUserLoop::ThreadedUserLoop(EventLoop& control, UserLoopOptions options,
                                   std::function<void(TaskException)> on_exception)
    : control_(control),
      on_exception_(std::move(on_exception)),
      on_worker_index_(std::move(options.on_worker_index)),
      on_test_begin_(std::move(options.on_test_begin)),
      on_options_(std::move(options.on_options)),
      on_all_spawned_(std::move(options.on_all_spawned)),
      on_tasks_(std::move(options.on_tasks)),
      on_attributes_(std::move(options.on_attributes)),
      on_report_(std::move(options.on_report)),
      on_stopping_(std::move(options.on_stopping)),
      on_quitting_(std::move(options.on_quitting)),
      reset_stats_(options.reset_stats),
      clock_(control.clock()),
      loop_(clock_) {
  for (const UserClass& user_class : options.classes) class_names_.push_back(user_class.name);
  thread_ =
      std::thread([this, options = std::move(options)]() mutable { run(std::move(options)); });
}

ThreadedUserLoop::~ThreadedUserLoop() {
  loop_.stop();
  thread_.join();
}

void ThreadedUserLoop::run(UserLoopOptions options) {
  const auto engine = make_curl_engine(loop_, std::move(options.engine));
  const auto guest = options.guest ? options.guest(loop_, *engine) : nullptr;
  pool_ = std::make_unique<UserPool>(loop_, *engine, std::move(options.classes),
                                     user_events(std::move(options.on_request)), options.seed);
  session_ = std::make_unique<RunSession>(
      loop_, *engine, *pool_, std::move(options.hooks), options.seed,
      [this](const HookRun::Failure& failure) {
        control_.post([this, exception = TaskException{failure.message, failure.traceback}] {
          on_exception_(exception);
        });
      });
  monitor_ = std::make_unique<LoopMonitor>(loop_, SelfDiagnosis::kLate);
  if (guest) guest->enter(*pool_);
  loop_.run();
  if (guest) guest->leave();
  if (failed_hooks_ > 0) log_failed_hooks();
  monitor_.reset();
  session_.reset();
  pool_.reset();  // before the engine its users' clients belong to
}

UserEvents ThreadedUserLoop::user_events(RequestEvent on_request) {
  UserEvents events;
  events.request = std::move(on_request);
  events.exception = [this](const User&, const std::string& message, const std::string& traceback) {
    control_.post(
        [this, exception = TaskException{message, traceback}] { on_exception_(exception); });
  };
  // A broken on_start can fail for every user of a class, so these lines are gathered.
  events.hook_failed = [this](const User& user, std::string_view hook, const std::string& message,
                              const std::string& traceback) {
    ++failed_hooks_;
    last_failed_hook_ =
        user.class_name() + "." + std::string(hook) + ": " + message + "\n" + traceback;
    if (failed_hooks_timer_ != 0) return;
    log_failed_hooks();
    failed_hooks_timer_ = loop_.call_after(kFailedHooksInterval, [this] {
      failed_hooks_timer_ = 0;
      if (failed_hooks_ > 0) log_failed_hooks();
    });
  };
  return events;
}

void ThreadedUserLoop::log_failed_hooks() {
  log::user().error("{} user(s) failed outside their tasks, the last one in {}",
                    std::exchange(failed_hooks_, 0), last_failed_hook_);
}

void ThreadedUserLoop::set_worker_index(int index) {
  loop_.post([this, index] {
    if (on_worker_index_) on_worker_index_(index);
  });
}

void ThreadedUserLoop::set_options(RunOptions options) {
  loop_.post([this, options = std::move(options)] {
    if (on_options_) on_options_(options);
  });
}

void ThreadedUserLoop::record_precisely(bool on) {
  loop_.post([this, on] { pool_->stats().record_precisely(on); });
}

void ThreadedUserLoop::begin_test(TestSettings settings) {
  loop_.post([this, settings] {
    clock_.synchronize();
    pool_->stats().clear_all(clock_.wall_time());
    pool_->limit_tasks(settings.tasks);
    set_masters_evidence_level(settings.evidence);
    (void)pool_->take_tasks_begun();
    if (on_test_begin_) on_test_begin_(settings);
    session_->begin();
  });
}

void ThreadedUserLoop::all_spawned() {
  loop_.post([this] {
    if (reset_stats_) {
      log::runners().info("Resetting stats");
      pool_->stats().reset_all(clock_.wall_time());
    }
    if (on_all_spawned_) on_all_spawned_();
  });
}

void ThreadedUserLoop::update_user_class(ClassUpdate update) {
  loop_.post([this, update = std::move(update)]() mutable {
    if (update.host) pool_->set_host(update.class_name, *std::move(update.host));
    if (on_attributes_) on_attributes_(update.class_name, update.attributes);
    if (update.tasks && on_tasks_) on_tasks_(update.class_name, *std::move(update.tasks));
  });
}

void ThreadedUserLoop::end_test(Duration limit, std::function<void()> ended) {
  loop_.post([this, limit, ended = std::move(ended)]() mutable {
    session_->end(limit, [this, ended = std::move(ended)] { control_.post(ended); });
  });
}

void ThreadedUserLoop::tell_quitting(std::function<void(const ProcessEnd&)> told) {
  loop_.post([this, told = std::move(told)] {
    const ProcessEnd end = on_quitting_ ? on_quitting_() : ProcessEnd();
    control_.post([told, end] { told(end); });
  });
}

void ThreadedUserLoop::set_target(Target target, UserPool::TargetReached reached) {
  loop_.post([this, target = std::move(target), reached = std::move(reached)]() mutable {
    session_->set_target(std::move(target),
                         [this, reached = std::move(reached)](const UserClassesCount& counts) {
                           control_.post([reached, counts] { reached(counts); });
                         });
  });
}

void ThreadedUserLoop::stop_all(Duration stop_timeout, std::function<void()> stopped) {
  loop_.post([this, stop_timeout, stopped = std::move(stopped)]() mutable {
    if (on_stopping_) on_stopping_();
    session_->stop_all(stop_timeout,
                       [this, stopped = std::move(stopped)] { control_.post(stopped); });
  });
}

void ThreadedUserLoop::take_report(std::function<void(LoopReport)> taken) {
  loop_.post([this, taken = std::move(taken)]() mutable {
    auto report = std::make_shared<LoopReport>(LoopReport{
        pool_->stats().get_stripped_report(clock_.wall_time()), pool_->user_classes_count()});
    mask_report(report->stats, *masker(), evidence_level());
    report->tasks_begun = pool_->take_tasks_begun();
    if (on_report_) report->extra = on_report_(report->user_classes_count);
    const LoopMonitor::Sample lag = monitor_->take();
    report->loop_lag = lag.worst;
    report->late_timers = lag.late_ticks;
    control_.post([taken = std::move(taken), report = std::move(report)] {
      report->open_files = open_file_count();  // reads a folder: not on the users' loop
      taken(std::move(*report));
    });
  });
}

}  // namespace locust::worker
