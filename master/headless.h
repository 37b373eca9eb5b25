// HeadlessRun: one test from the command line. Waits for the workers, starts, ends after the run
// time, quits, and knows the exit code (stock's main.py, start_automatic_run and shutdown).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/scheduler.h"
#include "master/load_shape_runner.h"
#include "master/master.h"
#include "master/report/checks.h"
#include "master/report/run_result.h"
#include "master/threshold_watch.h"

namespace locust::master {

struct HeadlessOptions {
  std::int64_t users = 1;
  double spawn_rate = 1;  // users per second
  std::optional<Duration> run_time = std::nullopt;
  std::optional<Shape> shape = std::nullopt;  // instead of these three
  std::size_t expect_workers = 1;
  Duration expect_workers_max_wait = Duration::zero();  // zero: for ever
  std::vector<Threshold> thresholds = {};
  CheckOptions checks = {};
  ExitRules exit_rules = {};
};

// Control thread. `master` and `scheduler` must outlive it; it becomes the master's observer.
class HeadlessRun final : public MasterObserver {
 public:
  // `finished` is called once, with the exit code, when nothing is left to wait for.
  HeadlessRun(Scheduler& scheduler, Master& master, HeadlessOptions options,
              std::function<void(int)> finished);
  ~HeadlessRun();

  void begin();
  // What the exit code follows from; complete once `finished` is called.
  const RunResult& result() const { return result_; }
  // A key of the terminal: w and W start 1 and 10 users more, s and S stop as many (main.py
  // input_listener).
  void press(char key);
  // SIGINT, SIGTERM: ends the test and the workers. A second call does not wait for them any
  // longer.
  void interrupt();

  void on_workers_changed() override { start_if_ready(); }
  void on_last_worker_gone() override;
  void on_users_gone() override;
  bool on_worker_loss_fails() override;
  void on_quit_complete() override;
  bool on_stop_test() override;

 private:
  void start_if_ready();
  void wait_for_workers();
  void give_up();
  bool check_classes();
  void start_test();
  void change_users(std::int64_t difference);
  void judge();

  Scheduler& scheduler_;
  Master& master_;
  const HeadlessOptions options_;
  std::function<void(int)> finished_;
  std::optional<LoadShapeRunner> shape_runner_;
  ThresholdWatch thresholds_;
  RunResult result_;
  TimePoint began_{};
  bool hinted_ = false;  // at how to get workers
  bool started_ = false;
  bool quitting_ = false;
  TimerId wait_timer_ = 0;
  TimerId run_timer_ = 0;
};

}  // namespace locust::master
