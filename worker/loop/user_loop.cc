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

PostedUserLoop::PostedUserLoop(EventLoop& control, TestProgram& program,
                               const UserLoopOptions& options)
    : control_(control),
      program_(program),
      options_(options),
      clock_(control.clock()),
      loop_(clock_) {
  for (const UserClass& user_class : program.user_classes()) {
    class_names_.push_back(user_class.name);
  }
}

void PostedUserLoop::run() {
  EngineOptions engine_options = program_.engine_options();
  engine_options.max_body_bytes = options_.max_body_bytes;
  const auto engine = make_curl_engine(loop_, std::move(engine_options));
  pool_ = std::make_unique<UserPool>(loop_, *engine, program_.user_classes(), user_events(),
                                     options_.seed);
  session_ = std::make_unique<RunSession>(loop_, *engine, *pool_, program_.hooks(), options_.seed,
                                          [this](const HookRun::Failure& failure) {
                                            report({failure.message, failure.traceback});
                                          });
  program_.enter({loop_, *engine, *pool_});
  monitor_ =
      std::make_unique<LoopMonitor>(loop_, SelfDiagnosis::kLate);  // enter() may take a while
  loop_.run();
  program_.loop_ended();
  if (failed_hooks_ > 0) log_failed_hooks();
  monitor_.reset();
  session_.reset();
  pool_.reset();  // before the engine its users' clients belong to
  program_.leave();
}

void PostedUserLoop::report(TaskException exception) {
  control_.post([this, exception = std::move(exception)] {
    if (on_exception_) on_exception_(exception);
  });
}

UserEvents PostedUserLoop::user_events() {
  UserEvents events;
  if (options_.samples != nullptr) {
    events.request = [samples = options_.samples](const RequestSample& sample) {
      samples->add(sample);
    };
  }
  events.exception = [this](const User&, const std::string& message, const std::string& traceback) {
    report({message, traceback});
  };
  // A broken on_start can fail for every user of a class, so these log lines are combined.
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

void PostedUserLoop::log_failed_hooks() {
  log::user().error("{} user(s) failed outside their tasks, the last one in {}",
                    std::exchange(failed_hooks_, 0), last_failed_hook_);
}

void PostedUserLoop::set_worker_index(int index) {
  loop_.post([this, index] { program_.set_worker_index(index); });
}

void PostedUserLoop::set_options(RunOptions options) {
  loop_.post([this, options = std::move(options)] { program_.set_options(options); });
}

void PostedUserLoop::record_precisely(bool on) {
  loop_.post([this, on] { pool_->stats().record_precisely(on); });
}

void PostedUserLoop::begin_test(TestSettings settings) {
  loop_.post([this, settings] {
    clock_.synchronize();
    pool_->stats().clear_all(clock_.wall_time());
    pool_->limit_tasks(settings.tasks);
    set_masters_evidence_level(settings.evidence);
    (void)pool_->take_tasks_begun();
    program_.begin_test(settings);
    session_->begin();
  });
}

void PostedUserLoop::all_spawned() {
  loop_.post([this] {
    if (program_.resets_stats(options_.reset_stats)) {
      log::runners().info("Resetting stats");
      pool_->stats().reset_all(clock_.wall_time());
    }
    program_.all_spawned();
  });
}

void PostedUserLoop::update_user_class(ClassUpdate update) {
  loop_.post([this, update = std::move(update)]() mutable {
    if (update.host) {
      update.attributes.emplace_back("host", *update.host);
      pool_->set_host(update.class_name, *std::move(update.host));
    }
    program_.set_attributes(update.class_name, update.attributes);
    if (update.tasks) program_.set_tasks(update.class_name, *std::move(update.tasks));
  });
}

void PostedUserLoop::end_test(Duration limit, std::function<void()> ended) {
  loop_.post([this, limit, ended = std::move(ended)]() mutable {
    session_->end(limit, [this, ended = std::move(ended)] { control_.post(ended); });
  });
}

void PostedUserLoop::tell_quitting(std::function<void(const ProcessEnd&)> told) {
  loop_.post([this, told = std::move(told)] {
    control_.post([told, end = program_.quitting()] { told(end); });
  });
}

void PostedUserLoop::set_target(Target target, UserPool::TargetReached reached) {
  loop_.post([this, target = std::move(target), reached = std::move(reached)]() mutable {
    program_.set_order({target.host, target.stop_timeout});
    session_->set_target(std::move(target),
                         [this, reached = std::move(reached)](const UserCounts& counts) {
                           control_.post([reached, counts] { reached(counts); });
                         });
  });
}

void PostedUserLoop::stop_all(Duration stop_timeout, std::function<void()> stopped) {
  loop_.post([this, stop_timeout, stopped = std::move(stopped)]() mutable {
    program_.stopping();
    session_->stop_all(stop_timeout,
                       [this, stopped = std::move(stopped)] { control_.post(stopped); });
  });
}

void PostedUserLoop::take_report(std::function<void(LoopReport)> taken) {
  loop_.post([this, taken = std::move(taken)]() mutable {
    auto report = std::make_shared<LoopReport>(LoopReport{
        pool_->stats().get_stripped_report(clock_.wall_time()), pool_->user_classes_count()});
    mask_report(report->stats, *masker(), evidence_level());
    report->tasks_begun = pool_->take_tasks_begun();
    report->extra = program_.report_extra(report->user_classes_count);
    const LoopMonitor::Sample lag = monitor_->take();
    report->loop_lag = lag.worst;
    report->late_timers = lag.late_ticks;
    control_.post([taken = std::move(taken), report = std::move(report)] {
      report->open_files = open_file_count();  // reads a folder: not on the users' loop
      taken(std::move(*report));
    });
  });
}

void PostedUserLoop::heartbeat() {
  loop_.post([this] { program_.heartbeat(); });
}

void PostedUserLoop::receive(const std::string& type, proto::Value data) {
  loop_.post([this, type, data = std::move(data)] { program_.receive(type, data); });
}

}  // namespace locust::worker
