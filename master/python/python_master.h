// PythonMaster: connects the Python locustfiles of a master to its state machine and its runs.
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
#include "master/run/locustfile_shape.h"
#include "master/run/run_controller.h"

namespace locust::master {

// One per process. The control thread runs the interpreter and holds the GIL except while its loop
// waits; threads that test code started run in those waits.
class PythonMaster final : public MasterEvents, public LocustfileArguments, public LocustfileShape {
 public:
  PythonMaster();
  ~PythonMaster() override;
  PythonMaster(const PythonMaster&) = delete;
  PythonMaster& operator=(const PythonMaster&) = delete;

  // Starts the interpreter and imports the files. Prints errors to stderr and returns the exit
  // code.
  std::optional<int> load(const python::InterpreterOptions& options,
                          const std::vector<std::string>& files);
  // Creates the environment. `options` is the result of options_object(), `shape` the value of
  // --shape. Prints errors to stderr and returns the exit code.
  std::optional<int> begin(const python::Ref& options, const std::vector<UserConfig>& configs,
                           const std::optional<std::string>& shape);

  // Returns the locustfile as a scenario: its classes, the names of their tasks, and its shapes.
  // Once, after begin().
  Scenario take_scenario() { return std::move(scenario_); }
  // The locustfile's own arguments, for the workers.
  const proto::Value::Map& arguments() const { return arguments_; }
  // Require load().
  std::vector<FormArgument> form_arguments() const override;
  Result<proto::Value> read(const FormArgument& argument,
                            const std::vector<std::string>& texts) const override;
  // Requires begin().
  std::optional<ShapeSpec> shape() override;

  // Connects Python code to the process: greenlets run on `loop`, `master` notifies listeners, and
  // `run` carries out the calls of environment.runner. Then fires init. Returns the exit code of
  // the process if it must end; leave() was called in this case. The arguments must outlive
  // leave().
  std::optional<int> enter(EventLoop& loop, Master& master, RunController& run);
  // Call it after the loop has ended. Fires quit, whose listeners may change the exit code by
  // sys.exit(). Returns the exit code.
  int leave(int exit_code);
  // Returns the line of Python code that blocks the loop, for EndDeadline. Between enter() and
  // leave().
  std::function<std::string()> blocked_by() const {
    return [question = question_] { return question->ask(); };
  }

  void on_worker_connected(const std::string& id) override;
  void on_heartbeat(const std::string& id) override;
  void on_class_updated(const proto::UpdateUserClass& update) override;
  void on_test_start() override;
  void on_spawning_complete(std::int64_t users) override;
  void on_test_stopping() override;
  void on_test_stop() override;
  void on_stats_reset() override;
  void on_worker_report(const std::string& id, const proto::Stats& report) override;
  void on_quitting() override;

  // --- For the module _locust_master.
  Master* master() const { return master_; }
  // Between enter() and leave(). If a listener of test_start or a shape calls these, they are
  // carried out after it has returned.
  void start(const RunRequest& request);
  void stop() { control(&RunController::stop); }
  void quit() { control(&RunController::interrupt); }
  void register_message(const std::string& type);
  void set_host(const std::string& host) { run_->set_host(host); }
  void shape_chosen() { run_->shape_chosen(); }

 private:
  void control(void (RunController::*what)());
  std::optional<ShapeCode::Tick> tick(const std::string& shape, Duration run_time);
  ShapeSpec shape_spec(PyObject* described);
  void read_classes();
  void carry_out(std::function<void()> request);

  Scenario scenario_;
  proto::Value::Map arguments_;
  EventLoop* loop_ = nullptr;
  Master* master_ = nullptr;
  RunController* run_ = nullptr;
  std::vector<std::string> registered_;  // before enter()
  std::unique_ptr<python::Hub> hub_;
  PyThreadState* waiting_ = nullptr;
  std::shared_ptr<python::StallQuestion> question_ = std::make_shared<python::StallQuestion>();
  std::unique_ptr<python::StallWatch> watch_;
  // Set within on_test_start and a shape's tick. Requests of test code are carried out later,
  // because the run is in the middle of a transition.
  bool is_asked_ = false;
};

}  // namespace locust::master
