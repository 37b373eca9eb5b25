#include "master/run/headless.h"

#include <utility>

#include "common/base/log.h"
#include "master/report/verdict_table.h"

namespace locust::master {

HeadlessRun::HeadlessRun(Scheduler& scheduler, Master& master, HeadlessOptions options,
                         std::function<void(int)> finished)
    : scheduler_(scheduler),
      master_(master),
      options_(std::move(options)),
      finished_(std::move(finished)),
      thresholds_(scheduler, master.clock(), master.stats(), options_.thresholds,
                  [this](const Verdict& verdict) {
                    log::main().error("Threshold {} does not hold: {}; shutting down",
                                      threshold_text(verdict.threshold), measured_text(verdict));
                    interrupt();
                  }),
      wait_(
          scheduler, master, {options_.expect_workers, options_.expect_workers_max_wait},
          [this] { start(); }, [this] { fail(); }) {
  master_.subscribe(*this);
  if (options_.shape) {
    shape_runner_.emplace(scheduler_, master_, *options_.shape, [this] {
      log::main().info("Shape test completed, shutting down");
      interrupt();
    });
  }
}

HeadlessRun::~HeadlessRun() {
  master_.unsubscribe(*this);
  scheduler_.cancel(run_timer_);
}

RunPlan HeadlessRun::plan() const {
  RunPlan plan;
  if (options_.run_time) {
    plan.run_time = std::chrono::duration_cast<std::chrono::seconds>(*options_.run_time).count();
  }
  plan.shape = options_.shape_name;
  return plan;
}

// It has been said why.
void HeadlessRun::fail() {
  result_.forced_exit_code = 1;
  interrupt();
}

void HeadlessRun::start() {
  started_ = true;
  if (const auto problem = missing_classes(master_.catalog())) {
    log::main().error("{}", *problem);
    return fail();
  }
  start_test();
  if (quitting_) return;  // the shape is over already
  if (master_.state() == MasterState::kReady) return fail();
  thresholds_.start();
}

void HeadlessRun::start_test() {
  if (shape_runner_) {
    shape_runner_->start();
    return;
  }
  if (options_.run_time) {
    log::main().info("Run time limit set to {} seconds",
                     std::chrono::duration_cast<std::chrono::seconds>(*options_.run_time).count());
    run_timer_ = scheduler_.call_after(*options_.run_time, [this] {
      log::main().info("--run-time limit reached, shutting down");
      interrupt();
    });
  } else {
    log::main().info("No run time limit set, use CTRL+C to interrupt");
  }
  note_fixed_counts(master_, options_.users);
  master_.start(options_.users, options_.spawn_rate);
}

void HeadlessRun::press(char key) {
  if (!started_ || quitting_) return;
  if (const auto users = users_of_key(master_, key)) master_.start(*users, kKeySpawnRate);
}

void HeadlessRun::interrupt() {
  quitting_ = true;
  wait_.cancel();
  thresholds_.stop();
  scheduler_.cancel(std::exchange(run_timer_, 0));
  if (shape_runner_) shape_runner_->stop();
  master_.quit();
}

void HeadlessRun::on_last_worker_gone() {
  if (started_ && !quitting_) interrupt();
}

// A shape may start others.
void HeadlessRun::on_users_gone() {
  if (!started_ || quitting_ || (shape_runner_ && !master_.limits_iterations())) return;
  log::main().info("All users have stopped by themselves, shutting down");
  interrupt();
}

void HeadlessRun::on_stop_test() {
  if (!quitting_) interrupt();
}

void HeadlessRun::on_worker_loss() {
  result_.forced_exit_code = 1;
  if (!quitting_) interrupt();
}

void HeadlessRun::on_worker_exit() {
  if (!quitting_) interrupt();
}

void HeadlessRun::on_quit_complete() {
  finished_(conclude(master_,
                     {thresholds_.verdicts(), run_checks(options_.checks, master_.stats().total())},
                     options_.exit_rules, result_));
}

}  // namespace locust::master
