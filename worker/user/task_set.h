// TaskSet: the loop "pick a task, run it, wait", and the weighted list it picks from
// (user/task.py TaskSet).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "worker/user/wait_time.h"

namespace locust::worker {

class TaskSet;
class User;

// Thrown by tasks, on_start and on_stop to control the user. Not derived from std::exception, so
// that a task that catches std::exception does not swallow them.
struct StopUser {};        // on_stop runs, then this user ends
struct InterruptTaskSet {  // leaves the innermost TaskSet
  bool reschedule = true;  // true: the parent picks its next task at once; false: it waits first
};
struct RescheduleTask {};             // ends the task as a return does
struct RescheduleTaskImmediately {};  // ends the task; the next one follows without a wait

// An exception of a task with a traceback, which is shown below its text. Exceptions with equal
// tracebacks are counted as one (runners.py Runner.log_exception).
class TaskError : public std::runtime_error {
 public:
  TaskError(const std::string& message, std::string traceback)
      : std::runtime_error(message), traceback_(std::move(traceback)) {}
  const std::string& traceback() const { return traceback_; }

 private:
  std::string traceback_;
};

// One entry of a task list: a function, or a factory of a TaskSet to run. Exactly one of the two is
// set.
struct Task {
  std::string name;
  double weight = 1;
  std::function<void(TaskSet&)> run{};  // set.user() is the user
  std::function<std::unique_ptr<TaskSet>(User&)> nested{};
};

// The tasks of a User or TaskSet class. One instance is shared by all users of the class and must
// outlive them.
class TaskList {
 public:
  TaskList() = default;
  explicit TaskList(std::vector<Task> tasks);

  // From now on excludes the tasks for which `keep` is false, and includes the others. Tasks keep
  // their addresses, because users may be running them. The loop's thread only.
  void keep_only(const std::function<bool(const Task&)>& keep);
  bool keeps(std::size_t i) const;

  // Chooses a task by weight. The list must not be empty.
  const Task& pick(Rng& rng) const;
  const Task& operator[](std::size_t i) const { return tasks_[i]; }
  std::size_t size() const { return tasks_.size(); }
  // Whether no task is left to choose.
  bool empty() const { return cumulative_weights_.empty() || cumulative_weights_.back() <= 0; }
  auto begin() const { return tasks_.begin(); }
  auto end() const { return tasks_.end(); }

 private:
  std::vector<Task> tasks_;
  std::vector<double> cumulative_weights_;
};

// Runs tasks of a list for one user, on the user's own stack. The root set runs the user's tasks; a
// nested set is created when its task is chosen and destroyed when it is left.
class TaskSet {
 public:
  // `user` and `tasks` must outlive the set.
  TaskSet(User& user, const TaskList& tasks);
  virtual ~TaskSet() = default;
  TaskSet(const TaskSet&) = delete;
  TaskSet& operator=(const TaskSet&) = delete;

  virtual void on_start() {}
  virtual void on_stop() {}
  // Default: the user's wait time, with the user's pacing state. An override receives the set's
  // own.
  virtual Duration wait_time(const WaitInput& in);
  // Default: by weight.
  virtual const Task& get_next_task();

  // Runs until a task leaves the set or the user stops. Throws RescheduleTask or
  // RescheduleTaskImmediately after an InterruptTaskSet, and StopUser and UserKilled after on_stop.
  // Other exceptions of tasks are reported, and the set continues.
  void run();
  // Sleeps for wait_time(). A user that is asked to stop ends here, immediately if it already
  // sleeps.
  void wait();

  User& user() const { return user_; }
  const TaskList& tasks() const { return tasks_; }

 private:
  // Why the set is left.
  enum class Exit { kNone, kInterrupt, kInterruptAndWait, kStopUser, kKilled };

  Exit step();
  Exit step_without_tasks();
  bool execute_next_task();
  void execute_task(const Task& task);
  Exit run_on_stop(Exit exit);

  User& user_;
  const TaskList& tasks_;
  PacingState pacing_;
};

// Runs its tasks in the order of the list, repeatedly; each as many times in a row as its weight,
// as in stock.
class SequentialTaskSet : public TaskSet {
 public:
  using TaskSet::TaskSet;
  const Task& get_next_task() override;

 private:
  std::size_t next_ = 0;
  int runs_ = 0;  // consecutive runs of this task
};

}  // namespace locust::worker
