// HeadlessRun: one test from the command line. Waits for the workers, starts, ends after the run
// time, quits, and knows the exit code (stock's main.py, start_automatic_run and shutdown).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/scheduler.h"
#include "master/cluster/master.h"
#include "master/report/checks.h"
#include "master/report/run_result.h"
#include "master/run/load_shape_runner.h"
#include "master/run/test_run.h"
#include "master/run/threshold_watch.h"
#include "master/run/worker_wait.h"

namespace locust::master {

struct HeadlessOptions {
  std::int64_t users = 1;
  double spawn_rate = 1;  // users per second
  std::optional<Duration> run_time = std::nullopt;
  std::optional<Shape> shape = std::nullopt;  // instead of these three
  std::optional<std::string> shape_name = std::nullopt;
  std::size_t expect_workers = 1;
  Duration expect_workers_max_wait = Duration::zero();  // zero: for ever
  std::vector<Threshold> thresholds = {};
  CheckOptions checks = {};
  ExitRules exit_rules = {};
};

// Control thread. `master` and `scheduler` must outlive it; it subscribes to the master's events.
class HeadlessRun final : public TestRun, public MasterEvents {
 public:
  // `finished` is called once, with the exit code, when nothing is left to wait for.
  HeadlessRun(Scheduler& scheduler, Master& master, HeadlessOptions options,
              std::function<void(int)> finished);
  ~HeadlessRun() override;

  void begin() override { wait_.begin(); }
  void press(char key) override;
  void interrupt() override;
  const RunResult& result() const override { return result_; }
  std::vector<Verdict> verdicts() const override { return thresholds_.verdicts(); }
  RunPlan plan() const override;

  void on_workers_changed() override { wait_.workers_changed(); }
  void on_last_worker_gone() override;
  void on_users_gone() override;
  void on_worker_loss() override;
  void on_worker_exit() override;
  void on_quit_complete() override;
  void on_stop_test() override;

 private:
  void start();
  void fail();
  void start_test();

  Scheduler& scheduler_;
  Master& master_;
  const HeadlessOptions options_;
  std::function<void(int)> finished_;
  std::optional<LoadShapeRunner> shape_runner_;
  ThresholdWatch thresholds_;
  RunResult result_;
  WorkerWait wait_;
  bool started_ = false;
  bool quitting_ = false;
  TimerId run_timer_ = 0;
};

}  // namespace locust::master
