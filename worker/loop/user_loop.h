// UserLoop: the interface of the worker's control thread to the thread that runs the users.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/event_loop.h"
#include "common/stats/mask_stats.h"
#include "common/stats/run_clock.h"
#include "common/stats/stats.h"
#include "proto/value.h"
#include "worker/loop/loop_monitor.h"
#include "worker/loop/run_session.h"
#include "worker/loop/sample_file.h"
#include "worker/loop/user_pool.h"
#include "worker/program.h"

namespace locust::worker {

// The loop's part of a report to the master, collected in one turn so that it is consistent.
struct LoopReport {
  StatsReport stats;
  UserCounts user_classes_count;  // including zeros and users that are still stopping
  Duration loop_lag{};            // the worst since the last report
  std::uint64_t late_timers = 0;  // as GeneratorSample
  std::uint64_t open_files = 0;
  std::uint64_t tasks_begun = 0;  // since the last report
  proto::Value::Map extra{};      // added by test code
};

// An exception that test code raised in a task.
struct TaskException {
  std::string message;
  std::string traceback;
};

// A master's changes to a user class (update_user_class).
struct ClassUpdate {
  std::string class_name;
  std::optional<std::string> host{};
  std::optional<std::vector<std::string>> tasks{};  // the names of those to run
  proto::Value::Map attributes{};                   // the others
};

// All calls come from the control thread, return immediately and are carried out in order. All
// callbacks run on the control thread. Tests use a fake.
class UserLoop {
 public:
  virtual ~UserLoop() = default;
  virtual std::vector<std::string> class_names() const = 0;
  // Calls TestProgram::blocked_by on the calling thread. May block for up to 300 ms.
  virtual std::string blocked_by() const = 0;
  // `handler` is called for each exception of a task from now on.
  using ExceptionHandler = std::function<void(const TaskException&)>;
  virtual void on_exception(ExceptionHandler handler) = 0;

  // The index that the master assigned to this worker.
  virtual void set_worker_index(int index) = 0;
  // Whether reports carry histograms and phase times for a master that understands them.
  virtual void record_precisely(bool on) = 0;
  // The master's options of the current test.
  virtual void set_options(RunOptions options) = 0;
  // Starts a new test: clears the statistics.
  virtual void begin_test(TestSettings settings) = 0;
  // The master has reported that all users of the test are spawned.
  virtual void all_spawned() = 0;
  // Applies to users that start from now on; the tasks also to running users.
  virtual void update_user_class(ClassUpdate update) = 0;
  // Runs test_stop within `limit`. Call it after the `stopped` of stop_all().
  virtual void end_test(Duration limit, std::function<void()> ended) = 0;
  // The worker is about to leave its master. It must wait for `told`.
  virtual void tell_quitting(std::function<void(const ProcessEnd&)> told) = 0;
  // The same as UserPool::set_target and stop_all.
  virtual void set_target(Target target, UserPool::TargetReached reached) = 0;
  virtual void stop_all(Duration stop_timeout, std::function<void()> stopped) = 0;
  // Returns the statistics since the last call and resets them.
  virtual void take_report(std::function<void(LoopReport)> taken) = 0;
  // The same as the methods of TestProgram.
  virtual void heartbeat() = 0;
  virtual void receive(const std::string& type, proto::Value data) = 0;
};

// The loop's options of the worker's command line.
struct UserLoopOptions {
  std::uint64_t max_body_bytes = kDefaultMaxBodyBytes;
  std::uint64_t seed = 0;
  bool reset_stats = false;       // when all users are spawned
  SampleFile* samples = nullptr;  // gets every request; may be null
};

// The implementation: an EventLoop, a curl engine and a UserPool, on which `program` runs. Orders
// wait until run(). `control`, `program` and the samples must outlive it.
class PostedUserLoop final : public UserLoop {
 public:
  PostedUserLoop(EventLoop& control, TestProgram& program, const UserLoopOptions& options);

  // Makes the calling thread the users' thread until stop(), then ends every user immediately.
  // Once.
  void run();
  // Thread-safe.
  void stop() { loop_.stop(); }

  std::vector<std::string> class_names() const override { return class_names_; }
  std::string blocked_by() const override { return program_.blocked_by(); }
  void on_exception(ExceptionHandler handler) override { on_exception_ = std::move(handler); }
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
  void heartbeat() override;
  void receive(const std::string& type, proto::Value data) override;

 private:
  UserEvents user_events();
  void report(TaskException exception);
  void log_failed_hooks();

  EventLoop& control_;
  TestProgram& program_;
  const UserLoopOptions options_;
  ExceptionHandler on_exception_;
  std::vector<std::string> class_names_;
  RunClock clock_;  // shared by the loop, its users and the statistics
  EventLoop loop_;

  // Used on the users' thread only.
  std::unique_ptr<UserPool> pool_;
  std::unique_ptr<RunSession> session_;
  std::unique_ptr<LoopMonitor> monitor_;
  std::uint64_t failed_hooks_ = 0;
  std::string last_failed_hook_;
  TimerId failed_hooks_timer_ = 0;
};

}  // namespace locust::worker
