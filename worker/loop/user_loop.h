// UserLoop: what the worker's control thread asks of the thread that runs the users.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/event_loop.h"
#include "common/stats/mask_stats.h"
#include "common/stats/run_clock.h"
#include "common/stats/stats.h"
#include "proto/value.h"
#include "worker/http/engine.h"
#include "worker/loop/loop_monitor.h"
#include "worker/loop/run_session.h"
#include "worker/loop/user_pool.h"
#include "worker/user/run_options.h"

namespace locust::worker {

// What a report to the master needs of the loop, taken in one turn so that it is consistent.
struct LoopReport {
  StatsReport stats;
  UserClassesCount user_classes_count;  // zeros and users still finishing included
  Duration loop_lag{};                  // the worst since the last report
  std::uint64_t late_timers = 0;        // as GeneratorSample
  std::uint64_t open_files = 0;
  std::uint64_t tasks_begun = 0;  // since the last report
  proto::Value::Map extra{};      // what test code adds
};

// What the master says about a new test.
struct TestSettings {
  std::int64_t expect_workers = 1;
  std::optional<std::uint64_t> tasks{};  // that this worker's users may begin; nothing: no limit
  EvidenceLevel evidence = EvidenceLevel::kFull;  // at most
};

// How the process is to end, as test code has it.
struct ProcessEnd {
  int exit_code = 0;
  bool asked_for = false;  // by sys.exit(), whose code it is
  bool uncaught = false;   // an exception was raised that nobody caught
};

// An exception that test code raised in a task.
struct TaskException {
  std::string message;
  std::string traceback;
};

// What a master changes of a user class (update_user_class).
struct ClassUpdate {
  std::string class_name;
  std::optional<std::string> host{};
  std::optional<std::vector<std::string>> tasks{};  // the names of those to run
  proto::Value::Map attributes{};                   // the others
};

// All calls come from the control thread, return at once and are carried out in order; all callbacks run on the control
// thread. Tests fake it.
class UserLoop {
 public:
  virtual ~UserLoop() = default;
  virtual std::vector<std::string> class_names() const = 0;

  // The index that the master gave this worker.
  virtual void set_worker_index(int index) = 0;
  // Whether reports carry histograms and phase times for a master that understands them.
  virtual void record_precisely(bool on) = 0;
  // What the master says of the present test.
  virtual void set_options(RunOptions options) = 0;
  // Clears the statistics: a new test begins.
  virtual void begin_test(TestSettings settings) = 0;
  // The master says that all users of the test are spawned.
  virtual void all_spawned() = 0;
  // Other users of the class, from now on; tasks also of those that run.
  virtual void update_user_class(ClassUpdate update) = 0;
  // After stop_all's `stopped`: test_stop, for which there is `limit`.
  virtual void end_test(Duration limit, std::function<void()> ended) = 0;
  // The worker is about to leave the master: `told` comes before it does.
  virtual void tell_quitting(std::function<void(const ProcessEnd&)> told) = 0;
  // As UserPool::set_target and stop_all.
  virtual void set_target(Target target, UserPool::TargetReached reached) = 0;
  virtual void stop_all(Duration stop_timeout, std::function<void()> stopped) = 0;
  // The statistics since the last call, which it resets.
  virtual void take_report(std::function<void(LoopReport)> taken) = 0;
};

// Something else that lives on the loop's thread: made before the pool, destroyed after it.
class LoopGuest {
 public:
  virtual ~LoopGuest() = default;
  // The pool is there, and the loop is about to run.
  virtual void enter(UserPool& pool) = 0;
  // The loop has run.
  virtual void leave() = 0;
};

// The loop's settings that are the same for every test.
struct UserLoopOptions {
  EngineOptions engine;
  std::vector<UserClass> classes;
  // Told on the loop's thread, in the order of the calls above; empty ones are not called.
  std::function<void(int index)> on_worker_index;
  std::function<void(const RunOptions&)> on_options;
  std::function<void(const TestSettings&)> on_test_begin;
  std::function<void()> on_all_spawned;
  std::function<void(const std::string& class_name, std::vector<std::string>)> on_tasks;
  std::function<void(const std::string& class_name, const proto::Value::Map&)> on_attributes;
  RequestEvent on_request;
  std::function<proto::Value::Map(const UserClassesCount&)> on_report;  // adds to a report
  std::function<void()> on_stopping;                                    // before users are stopped
  std::function<ProcessEnd()> on_quitting;                              // as tell_quitting
  std::function<std::unique_ptr<LoopGuest>(EventLoop&, HttpEngine&)> guest;  // empty: none
  RunSession::Hooks hooks;
  std::uint64_t seed = 0;
  bool reset_stats = false;  // when all users are spawned
};

// The real one: a thread with its EventLoop, curl engine and UserPool. `control` must outlive it. Destroying it ends
// every user at once and joins the thread.
class ThreadedUserLoop final : public UserLoop {
 public:
  // `on_exception` is called on the control thread for each exception of a task.
  ThreadedUserLoop(EventLoop& control, UserLoopOptions options,
                   std::function<void(TaskException)> on_exception);
  ~ThreadedUserLoop() override;

  std::vector<std::string> class_names() const override { return class_names_; }
  void set_worker_index(int index) override;
  void record_precisely(bool on) override;
  void set_options(RunOptions options) override;
  void begin_test(TestSettings settings) override;
  void all_spawned() override;
  void update_user_class(ClassUpdate update) override;
  void end_test(Duration limit, std::function<void()> ended) override;
  void tell_quitting(std::function<void(const ProcessEnd&)> told) override;
  void set_target(Target target, UserPool::TargetReached reached) override;
  void stop_all(Duration stop_timeout, std::function<void()> stopped) override;
  void take_report(std::function<void(LoopReport)> taken) override;
  // Runs `fn` on the loop's thread.
  void post(std::function<void()> fn) { loop_.post(std::move(fn)); }

 private:
  void run(UserLoopOptions options);
  UserEvents user_events(RequestEvent on_request);
  void log_failed_hooks();

  EventLoop& control_;
  std::function<void(TaskException)> on_exception_;
  std::function<void(int)> on_worker_index_;
  std::function<void(const TestSettings&)> on_test_begin_;
  std::function<void(const RunOptions&)> on_options_;
  std::function<void()> on_all_spawned_;
  std::function<void(const std::string&, std::vector<std::string>)> on_tasks_;
  std::function<void(const std::string&, const proto::Value::Map&)> on_attributes_;
  std::function<proto::Value::Map(const UserClassesCount&)> on_report_;
  std::function<void()> on_stopping_;
  std::function<ProcessEnd()> on_quitting_;
  const bool reset_stats_;
  std::vector<std::string> class_names_;
  RunClock clock_;  // the loop's: statistics and all that users do go by one time
  EventLoop loop_;

  // The loop's thread only.
  std::unique_ptr<UserPool> pool_;
  std::unique_ptr<RunSession> session_;
  std::unique_ptr<LoopMonitor> monitor_;
  std::uint64_t failed_hooks_ = 0;
  std::string last_failed_hook_;
  TimerId failed_hooks_timer_ = 0;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace locust::worker
