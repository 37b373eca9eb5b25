#include "worker/user/user.h"

#include <exception>
#include <utility>

namespace locust::worker {
namespace {

constexpr int kStepsPerTurn = 100;

struct Failure {
  std::string message;
  std::string traceback;
};

// The text of the exception being handled. `place` replaces the traceback of a plain C++ exception,
// which has none.
Failure current_failure(std::string place) {
  try {
    throw;
  } catch (const TaskError& e) {
    return {e.what(), e.traceback()};
  } catch (const std::exception& e) {
    return {e.what(), std::move(place)};
  } catch (const InterruptTaskSet&) {
    return {"InterruptTaskSet outside of a nested TaskSet", std::move(place)};
  } catch (const RescheduleTask&) {
    return {"RescheduleTask outside of a task", std::move(place)};
  } catch (const RescheduleTaskImmediately&) {
    return {"RescheduleTask outside of a task", std::move(place)};
  } catch (...) {
    return {"unknown exception", std::move(place)};
  }
}

}  // namespace

User::User(const UserEnvironment& environment, const TaskList& tasks)
    : environment_(environment),
      tasks_(tasks),
      client_(environment.context, environment.engine, environment.stats,
              std::string(environment.host),
              {.user_class = environment.class_name,
               .user_id = environment.user_id,
               .request = &environment.events.request,
               .sending = &environment.events.sending}),
      pacing_(environment.context.clock().now()) {}

Duration User::wait_time(const WaitInput&) { return Duration::zero(); }

std::unique_ptr<TaskSet> User::make_task_set() { return std::make_unique<TaskSet>(*this, tasks_); }

void User::wait() {
  if (state_ == UserState::kStopping) throw StopUser{};
  sleep_waiting(wait_time({.now = clock().now(), .pacing = pacing_, .rng = rng()}));
}

void User::wait_for(Gate& gate) {
  if (state_ == UserState::kStopping) throw StopUser{};
  const bool may_be_ended = state_ == UserState::kRunning;
  if (may_be_ended) state_ = UserState::kWaiting;
  environment_.context.wait(gate);
  if (may_be_ended) state_ = UserState::kRunning;
}

void User::count_step() {
  if (++steps_ < kStepsPerTurn) return;
  steps_ = 0;
  sleep(Duration::zero());
}

void User::run() {
  state_ = UserState::kRunning;
  if (run_until_stopped()) run_on_stop();
  state_ = UserState::kStopped;
}

// Returns false if an error ended the user: on_stop is then not called. An error in on_start counts
// as an exception (users.py User.run).
bool User::run_until_stopped() {
  std::string_view hook = "on_start";
  try {
    on_start();
    hook = "TaskSet.run";
    make_task_set()->run();
  } catch (const StopUser&) {
    return true;
  } catch (const UserKilled&) {
    return true;
  } catch (...) {
    if (hook == "on_start") report_exception(hook);
    report_hook_failed(hook);
  }
  return false;
}

void User::run_on_stop() {
  state_ = UserState::kInOnStop;
  try {
    on_stop();
  } catch (const StopUser&) {
  } catch (const UserKilled&) {
  } catch (...) {
    report_hook_failed("on_stop");
  }
}

bool User::begin_task() {
  if (state_ == UserState::kStopping || has_run_all()) return false;
  if (environment_.allowance != nullptr) environment_.allowance->take();
  ++iteration_;
  return true;
}

bool User::stop() {
  if (state_ == UserState::kRunning) state_ = UserState::kStopping;
  return state_ == UserState::kWaiting || state_ == UserState::kCreated;
}

// In this state stop() ends the user immediately.
void User::sleep_waiting(Duration d) {
  const bool in_task_loop = state_ == UserState::kRunning;
  if (in_task_loop) state_ = UserState::kWaiting;
  sleep(d);
  if (in_task_loop) state_ = UserState::kRunning;
}

void User::report_exception(std::string_view task) const {
  if (!environment_.events.exception) return;
  const Failure failure = current_failure("  in " + class_name() + "." + std::string(task) + "\n");
  environment_.events.exception(*this, failure.message, failure.traceback);
}

void User::report_hook_failed(std::string_view hook) const {
  if (!environment_.events.hook_failed) return;
  const Failure failure = current_failure("  in " + class_name() + "." + std::string(hook) + "\n");
  environment_.events.hook_failed(*this, hook, failure.message, failure.traceback);
}

}  // namespace locust::worker
