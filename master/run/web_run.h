// WebRun: tests that a person, or a script, starts, edits and stops through the web server, one
// after the other (stock's web.py and main.py). With --autostart the command line starts the first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/scheduler.h"
#include "common/scenario/scenario.h"
#include "master/cluster/master.h"
#include "master/report/run_view.h"
#include "master/run/load_shape_runner.h"
#include "master/run/master_options.h"
#include "master/run/run_form.h"
#include "master/run/test_run.h"
#include "master/run/threshold_watch.h"
#include "master/run/worker_wait.h"
#include "master/web/run_control.h"
#include "master/web/swarm_form.h"

namespace locust::master {

// Control thread. All that it is given must outlive it; it subscribes to the master's events.
//
// A test ends by stop(), its run time, its shape, a threshold, its scenario or the loss of all
// workers; the workers become ready for the next one. Only interrupt(), --autoquit or giving up to
// wait for workers end the run.
class WebRun final : public TestRun, public MasterEvents {
 public:
  // `scenario` and `locustfile` may be null. `finished` is called once, with the exit code, when nothing is left to
  // wait for.
  WebRun(Scheduler& scheduler, Master& master, const MasterOptions& options,
         const Scenario* scenario, std::vector<Threshold> thresholds,
         std::function<void(int)> finished, const LocustfileArguments* locustfile = nullptr);
  ~WebRun() override;

  // Starts a test, or changes the one that runs (web.py swarm).
  web::SwarmReply swarm(const web::SwarmForm& form);
  // Ends the test (web.py stop).
  void stop();
  // The error is for who asked.
  Result<void> update_user_class(const proto::UpdateUserClass& update);
  // The statistics begin anew. Of a test that is over the verdicts stay.
  void reset_stats();

  bool in_test() const;
  // As filled in last.
  const FormView& form() const { return form_; }

  void begin() override;
  void press(char key) override;
  void interrupt() override;
  const RunResult& result() const override { return result_; }
  // None before the first test.
  std::vector<Verdict> verdicts() const override { return judgement().verdicts; }
  RunPlan plan() const override { return plan_; }

  void on_workers_changed() override { wait_.workers_changed(); }
  void on_last_worker_gone() override;
  void on_users_gone() override;
  void on_worker_loss() override;
  void on_worker_exit() override;
  void on_quit_complete() override;
  void on_stop_test() override;

 private:
  std::optional<std::string> unknown_choice(const web::SwarmForm& form) const;
  FormView filled_with(const web::SwarmForm& form) const;
  Result<std::optional<Shape>> make_shape(const web::SwarmForm& form, FormView& filled) const;
  std::vector<std::string> names_of_classes() const;
  web::SwarmReply start_or_edit(const web::SwarmForm& form, bool automatic);
  std::optional<std::string> host_problem(const std::string& host) const;
  std::optional<std::string> obstacle(std::int64_t users) const;
  std::optional<std::string> start_shape(Shape shape, bool automatic);
  std::optional<std::string> start_users(std::int64_t users, double spawn_rate, bool automatic);
  void test_begins(bool automatic);
  Judgement judgement() const;
  void limit_run_time(std::int64_t seconds);
  void autostart();
  void end_automatic_run(const std::string& reason);
  void count_down_to_quit();
  web::SwarmReply refusal(std::string message) const;

  Scheduler& scheduler_;
  Master& master_;
  const MasterOptions& options_;
  const Scenario* scenario_;
  const LocustfileArguments* locustfile_;
  std::function<void(int)> finished_;
  ThresholdWatch thresholds_;
  WorkerWait wait_;
  FormView form_;
  RunPlan plan_;
  std::optional<LoadShapeRunner> shape_runner_;  // of a test that a shape leads
  RunResult result_;
  bool has_tested_ = false;
  std::optional<Judgement> judgement_;  // of the last test, if its statistics have been reset
  bool automatic_ = false;              // the command line started the test that runs
  bool quitting_ = false;
  TimerId run_timer_ = 0;
  TimerId quit_timer_ = 0;  // of --autoquit
};

}  // namespace locust::master
