#include "worker/user/task_set.h"

#include <algorithm>
#include <utility>

#include "worker/user/user.h"

namespace locust::worker {

TaskList::TaskList(std::vector<Task> tasks) : tasks_(std::move(tasks)) {
  keep_only([](const Task&) { return true; });
}

void TaskList::keep_only(const std::function<bool(const Task&)>& keep) {
  cumulative_weights_.clear();
  cumulative_weights_.reserve(tasks_.size());
  double sum = 0;
  for (const Task& task : tasks_) {
    if (keep(task)) sum += task.weight;
    cumulative_weights_.push_back(sum);
  }
}

bool TaskList::keeps(std::size_t i) const {
  return cumulative_weights_[i] > (i == 0 ? 0 : cumulative_weights_[i - 1]);
}

// An excluded task has the same sum as the one before it, so it is never the first above the random
// number. The last candidate is the first task that reaches the total.
const Task& TaskList::pick(Rng& rng) const {
  const double drawn = uniform(rng) * cumulative_weights_.back();
  const auto last = std::lower_bound(cumulative_weights_.begin(), cumulative_weights_.end(),
                                     cumulative_weights_.back());
  const auto found = std::upper_bound(cumulative_weights_.begin(), last, drawn);
  return tasks_[static_cast<std::size_t>(found - cumulative_weights_.begin())];
}

TaskSet::TaskSet(User& user, const TaskList& tasks)
    : user_(user), tasks_(tasks), pacing_(user.clock().now()) {}

Duration TaskSet::wait_time(const WaitInput& in) {
  return user_.wait_time({.now = in.now, .pacing = user_.pacing_, .rng = in.rng});
}

const Task& TaskSet::get_next_task() { return tasks_.pick(user_.rng()); }

void TaskSet::run() {
  try {
    on_start();
  } catch (const InterruptTaskSet& e) {
    if (e.reschedule) throw RescheduleTaskImmediately{};
    throw RescheduleTask{};
  }
  Exit exit = Exit::kNone;
  while (exit == Exit::kNone) exit = step();
  // Outside of any catch block, because on_stop may wait and not every context can switch while an
  // exception is being handled.
  switch (run_on_stop(exit)) {
    case Exit::kNone:
    case Exit::kInterrupt:
      throw RescheduleTaskImmediately{};
    case Exit::kInterruptAndWait:
      throw RescheduleTask{};
    case Exit::kStopUser:
      throw StopUser{};
    case Exit::kKilled:
      throw UserKilled{};
  }
}

// One task and the wait after it.
TaskSet::Exit TaskSet::step() {
  if (user_.state_ == UserState::kStopping || user_.has_run_all()) return Exit::kStopUser;
  if (tasks_.empty()) return step_without_tasks();
  try {
    const bool waits = execute_next_task();
    if (user_.has_run_all()) return Exit::kStopUser;
    if (waits) {
      wait();
    } else {
      user_.sleep(Duration::zero());
    }
    return Exit::kNone;
  } catch (const InterruptTaskSet& e) {
    return e.reschedule ? Exit::kInterrupt : Exit::kInterruptAndWait;
  } catch (const StopUser&) {
    return Exit::kStopUser;
  } catch (const UserKilled&) {
    return Exit::kKilled;
  } catch (...) {
    // There is no wait time: to continue would repeat it without a pause.
    user_.report_exception({});
    return Exit::kStopUser;
  }
}

// All tasks are excluded. As in stock the user stays and reports this after each wait. A pause of
// at least a second avoids a busy loop in a class without wait time.
TaskSet::Exit TaskSet::step_without_tasks() {
  try {
    throw std::runtime_error("No tasks defined on " + user_.class_name() + ".");
  } catch (...) {
    user_.report_exception({});
  }
  try {
    const Duration wait =
        wait_time({.now = user_.clock().now(), .pacing = pacing_, .rng = user_.rng()});
    user_.sleep_waiting(std::max<Duration>(wait, std::chrono::seconds(1)));
    return Exit::kNone;
  } catch (const UserKilled&) {
    return Exit::kKilled;
  } catch (...) {
    user_.report_exception({});
    return Exit::kStopUser;
  }
}

// Returns false if the next task must follow without a wait. Handles exceptions that concern only
// the task.
bool TaskSet::execute_next_task() {
  const Task& task = get_next_task();
  try {
    execute_task(task);
  } catch (const RescheduleTaskImmediately&) {
    return false;
  } catch (const RescheduleTask&) {
  } catch (const InterruptTaskSet&) {
    throw;
  } catch (const StopUser&) {
    throw;
  } catch (const UserKilled&) {
    throw;
  } catch (...) {
    user_.report_exception(task.name);
  }
  return true;
}

void TaskSet::execute_task(const Task& task) {
  if (task.nested) {
    task.nested(user_)->run();
    return;
  }
  struct CountAtEnd {
    std::uint64_t& iteration;
    ~CountAtEnd() { ++iteration; }
  } count{user_.iteration_};
  if (user_.environment_.allowance != nullptr) user_.environment_.allowance->take();
  task.run(*this);
}

// Runs on_stop and returns why the set is left: a kill cuts on_stop off, and a StopUser in it wins
// over an interrupt.
TaskSet::Exit TaskSet::run_on_stop(Exit exit) {
  if (exit == Exit::kStopUser || exit == Exit::kKilled) user_.state_ = UserState::kInOnStop;
  try {
    on_stop();
  } catch (const UserKilled&) {
    return Exit::kKilled;
  } catch (const StopUser&) {
    return exit == Exit::kKilled ? Exit::kKilled : Exit::kStopUser;
  } catch (...) {
    user_.report_hook_failed("on_stop");
  }
  return exit;
}

void TaskSet::wait() {
  if (user_.state_ == UserState::kStopping) throw StopUser{};
  user_.sleep_waiting(
      wait_time({.now = user_.clock().now(), .pacing = pacing_, .rng = user_.rng()}));
}

const Task& SequentialTaskSet::get_next_task() {
  const auto move_on = [this] {
    next_ = (next_ + 1) % tasks().size();
    runs_ = 0;
  };
  while (!tasks().keeps(next_)) move_on();
  const Task& task = tasks()[next_];
  if (++runs_ >= task.weight) move_on();
  return task;
}

}  // namespace locust::worker
