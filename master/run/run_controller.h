// RunController: runs the tests of a master one after the other: waits for workers, starts, edits
// and ends tests, judges them, and determines the exit code (stock's main.py and web.py).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/scheduler.h"
#include "master/cluster/master.h"
#include "master/run/countdown.h"
#include "master/run/load_shape_runner.h"
#include "master/run/master_options.h"
#include "master/run/run_form.h"
#include "master/run/run_judge.h"
#include "master/run/run_plan.h"
#include "master/run/run_request.h"
#include "master/run/run_setup.h"
#include "master/run/worker_wait.h"
#include "master/web/run_control.h"

namespace locust::master {

// Control thread. All that it is given must outlive it; it subscribes to the master's events.
//
// A test ends by stop(), its run time, its shape, a threshold, its scenario, the end of all its
// users or the loss of workers. With a page the workers become ready for the next test, and only
// interrupt(), --autoquit or giving up the wait for workers ends the run. A headless run ends with
// its test, which starts when enough workers are ready.
class RunController final : public MasterEvents {
 public:
  // `finished` is called once, with the exit code, when nothing is left to wait for.
  RunController(Scheduler& scheduler, Master& master, const MasterOptions& options, RunSetup setup,
                std::function<void(int)> finished);
  ~RunController();
  RunController(const RunController&) = delete;
  RunController& operator=(const RunController&) = delete;

  // --headless and --autostart: a test starts when enough workers are ready.
  void begin();
  // Starts a test or changes the running one. The reply is for the requester. The reason of a
  // refusal is logged, except for keys before a headless test, and for keys and test code while the
  // run ends.
  web::SwarmReply request(const RunRequest& request);
  // Handles a key of the terminal.
  void press(char key);
  // Ends the test (web.py stop), and a headless run with it.
  void stop();
  // Ends the test and the workers: SIGINT, SIGTERM, SIGHUP. A second call stops waiting for the
  // workers.
  void interrupt();
  // Resets the statistics. The verdicts of a test that is over stay.
  void reset_stats();
  // The host of the next orders, and of the form. Empty: that of each class.
  void set_host(const std::string& host);
  // Test code has chosen another shape for the next test.
  void shape_chosen();
  // The error is for the requester.
  Result<void> update_user_class(const proto::UpdateUserClass& update);

  const RunPlan& plan() const { return plan_; }
  const FormView& form() const { return form_.view(); }
  std::vector<Verdict> verdicts() const { return judge_.verdicts(); }
  const RunResult& result() const { return judge_.result(); }

  void on_workers_changed() override { wait_.workers_changed(); }
  void on_last_worker_gone() override;
  void on_users_gone() override;
  void on_worker_loss(const WorkerLoss& loss) override;
  void on_stop_test() override { stop(); }
  void on_worker_exit() override;
  void on_quit_complete() override { finished_(judge_.conclude()); }

 private:
  void plan_headless();
  void start_automatically();
  void fail();
  web::SwarmReply fill_in(const RunRequest& request);
  web::SwarmReply set_users(const RunRequest& request);
  web::SwarmReply refusal(std::string message) const;
  web::SwarmReply not_started() const;
  std::optional<std::string> obstacle(std::int64_t users) const;
  bool start_shape(Shape shape, Requester by);
  bool start_users(const RunRequest& request);
  void begin_test(Requester by);
  void limit_run_time(std::int64_t seconds);
  void completed(std::string_view what);
  void count_down_to_quit();
  bool is_headless() const { return options_.headless; }
  // What happens to the run when its test ends, for the log.
  const char* consequence() const { return is_headless() ? "shutting down" : "stopping test"; }

  Scheduler& scheduler_;
  Master& master_;
  const MasterOptions& options_;
  const RunSetup setup_;
  const std::function<void(int)> finished_;
  RunForm form_;
  RunPlan plan_;
  RunJudge judge_;
  WorkerWait wait_;
  std::optional<LoadShapeRunner> shape_runner_;  // of a test with a load shape
  Countdown run_time_;
  Countdown autoquit_;
  std::optional<Requester> started_by_;  // of the running test; nullopt if there is none
  bool quitting_ = false;
};

}  // namespace locust::master
