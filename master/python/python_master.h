// PythonMaster: the locustfiles of a master, as what its state machine and its runs need.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/event_loop.h"
#include "common/options/config_users.h"
#include "common/python/hub.h"
#include "common/python/locustfile.h"
#include "common/python/stall_watch.h"
#include "common/scenario/scenario.h"
#include "master/cluster/master.h"
#include "master/run/form_fields.h"
#include "master/run/run_controller.h"

namespace locust::master {

// The interpreter is the control thread's, which holds the GIL but for the waits of its loop: threads
// that test code starts run meanwhile. One per process.
class PythonMaster final : public MasterEvents, public LocustfileArguments {
 public:
  PythonMaster();
  ~PythonMaster() override;
  PythonMaster(const PythonMaster&) = delete;
  PythonMaster& operator=(const PythonMaster&) = delete;

  // Imports the files; what is wrong is told on standard error and gives the exit code.
  std::optional<int> load(const python::InterpreterOptions& options,
                          const std::vector<std::string>& files);
  // Makes the environment. `options` is a dict with stock's names.
  std::optional<int> begin(const python::Ref& options, const std::vector<UserConfig>& configs);

  // After begin(), once: the file as a scenario, with its classes, the names of their tasks, and its
  // shapes.
  Scenario take_scenario() { return std::move(scenario_); }
  // The file's own arguments, for the workers.
  const proto::Value::Map& arguments() const { return arguments_; }
  // After load().
  std::vector<FormArgument> form_arguments() const override;
  Result<proto::Value> read(const FormArgument& argument,
                            const std::vector<std::string>& texts) const override;

  // The loop is there: greenlets can run, `master` tells its tests, `run` does what environment.runner
  // is asked for, and init is fired. An exit code ends the process. All must outlive leave().
  std::optional<int> enter(EventLoop& loop, Master& master, RunController& run);
  // The loop has run. Fires quit. Returns the exit code, which its listeners may change by
  // sys.exit().
  int leave(int exit_code);
  // Which line of Python holds up the loop, for EndDeadline; between enter() and leave().
  std::function<std::string()> blocked_by() const {
    return [question = question_] { return question->ask(); };
  }

  void on_worker_connected(const std::string& id) override;
  void on_heartbeat(const std::string& id) override;
  void on_test_start() override;
  void on_spawning_complete(std::int64_t users) override;
  void on_test_stopping() override;
  void on_test_stop() override;
  void on_stats_reset() override;
  void on_worker_report(const std::string& id, const proto::Stats& report) override;
  void on_quitting() override;

  // --- For the module _locust_master.
  Master* master() const { return master_; }
  // With the master.
  void start(const RunRequest& request);
  // Neither happens before the test has started that listeners are just told of.
  void stop() { control(&RunController::stop); }
  void quit() { control(&RunController::interrupt); }
  void register_message(const std::string& type);

 private:
  void control(void (RunController::*what)());
  std::optional<ShapeCode::Tick> tick(const std::string& shape, Duration run_time);
  void carry_out(std::function<void()> request);

  Scenario scenario_;
  proto::Value::Map arguments_;
  EventLoop* loop_ = nullptr;
  Master* master_ = nullptr;
  RunController* run_ = nullptr;
  std::vector<std::string> registered_;  // before there was a master
  std::unique_ptr<python::Hub> hub_;
  PyThreadState* waiting_ = nullptr;
  std::shared_ptr<python::StallQuestion> question_ = std::make_shared<python::StallQuestion>();
  std::unique_ptr<python::StallWatch> watch_;
  // Within on_test_start or a shape's tick: what test code asks for is carried out after it, as the run
  // is in the middle of something.
  bool is_asked_ = false;
};

}  // namespace locust::master
