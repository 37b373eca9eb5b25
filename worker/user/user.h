// User: one virtual user (user/users.py User). User classes derive from it; the UserPool starts it
// on its own stack and stops it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "worker/user/http_session.h"
#include "worker/user/task_allowance.h"
#include "worker/user/task_set.h"
#include "worker/user/user_context.h"

namespace locust::worker {

// Listeners to events of users. Called on the user's stack: they must be short and must not block.
// Empty functions are not called.
struct UserEvents {
  // A task threw (stock's user_error event). The user continues.
  std::function<void(const User&, const std::string& message, const std::string& traceback)>
      exception;
  // on_start threw and the user ended, or an on_stop threw. Stock logs these, but does not report
  // them.
  std::function<void(const User&, std::string_view hook, const std::string& message,
                     const std::string& traceback)>
      hook_failed;
  // A request was logged (stock's request event).
  RequestEvent request = {};
  SendingEvent sending = {};
};

// The environment in which a user is created. Everything must outlive the user.
struct UserEnvironment {
  UserContext& context;
  HttpEngine& engine;
  RequestStats& stats;
  Rng& rng;
  const UserEvents& events;
  const std::string& class_name;
  std::string_view host;               // base of relative URLs at the time of creation
  std::uint64_t user_id = 0;           // counts the users of the pool from 0, never reused
  TaskAllowance* allowance = nullptr;  // shared by all users; null if unlimited
};

// clang-format off
// The life cycle of a user. kCreated -> start -> kRunning, beginning with on_start, which counts as
// a task; kInOnStop while the on_stop of the user, or of a task set that it leaves for good, runs.
//
// | input     | kWaiting   | kRunning             | kStopping           | kInOnStop   | kStopped |
// |-----------|------------|----------------------|---------------------|-------------|----------|
// | task done | -          | kWaiting             | on_stop -> kStopped | kStopped    | -        |
// | wait over | kRunning   | -                    | -                   | -           | -        |
// | stop      | UserKilled | kStopping (finish    | nothing             | nothing     | nothing  |
// |           |            | the task)            |                     |             |          |
// | kill      | UserKilled | cancel the request   | as in kRunning      | likewise,   | nothing  |
// |           |            | or sleep, UserKilled |                     | cuts it off |          |
// | StopUser  | -          | on_stop -> kStopped  | on_stop -> kStopped | kStopped    | -        |
//
// UserKilled is thrown by the open wait and leads to on_stop -> kStopped.
// clang-format on
enum class UserState : std::uint8_t {
  kCreated,
  kRunning,
  kWaiting,
  kStopping,
  kInOnStop,
  kStopped
};

class User {
 public:
  // `tasks` is shared by the class and must outlive its users.
  User(const UserEnvironment& environment, const TaskList& tasks);
  virtual ~User() = default;
  User(const User&) = delete;
  User& operator=(const User&) = delete;

  // --- To be overridden by user classes.

  // An exception here ends the user without on_stop; StopUser and a kill lead to on_stop.
  virtual void on_start() {}
  virtual void on_stop() {}
  // Between two tasks. Default: none.
  virtual Duration wait_time(const WaitInput& in);
  // Creates the set that runs the user's tasks. Default: a TaskSet that chooses by weight.
  virtual std::unique_ptr<TaskSet> make_task_set();

  // --- To be called by user classes, on the user's own stack.

  HttpSession& client() { return client_; }
  // Like gevent.sleep in a task: the user counts as running, so a stop waits for it.
  void sleep(Duration d) { environment_.context.sleep(d); }
  // Waits until the gate opens. A stop ends the user here, as between two tasks.
  void wait_for(Gate& gate);
  // Sleeps for the wait time, from within a task: a stop ends the user here.
  void wait();
  // Call once per step of a longer script: every 100th call lets the other users run, so that a
  // user that never waits does not block the loop.
  void count_step();

  std::uint64_t user_id() const { return environment_.user_id; }
  // How many tasks ended before the current one. Tasks in task sets count, the sets do not.
  std::uint64_t iteration() const { return iteration_; }
  // When this many have ended, the user stops as by StopUser, without a preceding wait.
  void limit_iterations(std::uint64_t limit) { max_iterations_ = limit; }
  const std::string& class_name() const { return environment_.class_name; }
  const Clock& clock() const { return environment_.context.clock(); }
  Rng& rng() const { return environment_.rng; }
  RequestStats& stats() const { return environment_.stats; }
  const TaskList& tasks() const { return tasks_; }
  UserState state() const { return state_; }

  // --- To be called by the pool.

  // Runs the user on its own stack until it has stopped. Does not throw. Python users override it.
  virtual void run();
  // Asks the user to stop (User.stop without force). Returns true if it sleeps between tasks or has
  // not started: the caller must kill it. Returns false if it will end by itself after its task.
  bool stop();

 protected:
  // For classes that override run(): the parts of run().
  void set_state(UserState state) { state_ = state; }
  // Counts a task that is about to start. Returns false if no further task may start.
  bool begin_task();
  // Whether no further task may start.
  bool has_run_all() const {
    return iteration_ >= max_iterations_ ||
           (environment_.allowance != nullptr && environment_.allowance->used_up());
  }
  const UserEnvironment& environment() const { return environment_; }

 private:
  friend class TaskSet;

  void run_on_stop();
  bool run_until_stopped();
  // Between two tasks.
  void sleep_waiting(Duration d);
  // These describe the exception being handled.
  void report_exception(std::string_view task) const;
  void report_hook_failed(std::string_view hook) const;

  UserEnvironment environment_;
  const TaskList& tasks_;
  HttpSession client_;
  PacingState pacing_;
  std::uint64_t iteration_ = 0;
  std::uint64_t max_iterations_ = std::numeric_limits<std::uint64_t>::max();
  int steps_ = 0;
  UserState state_ = UserState::kCreated;
};

}  // namespace locust::worker
