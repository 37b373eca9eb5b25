// ScenarioTrace: a listener to every step of a scenario's users. Used by --dry-run only.
#pragma once

#include <string>
#include <string_view>

#include "worker/scenario/plan.h"

namespace locust::worker {

// Whether a list of steps is a task, or on_start or on_stop.
enum class PartKind { kTask, kHook };

// Called on the user's stack. The order for a request is: UserEvents::sending (not if the user's
// cache has the response), responded, checked and assigned for its checks and saves, judged.
class ScenarioTrace {
 public:
  // `part` is the name of a task, or on_start or on_stop; within a task set, with its name before
  // it. May throw StopUser.
  virtual void begin(const std::string& user_class, std::string_view part, PartKind kind) = 0;
  // Called before the step runs.
  virtual void step(const StepPlan& step) = 0;

  virtual void responded(const Exchange& exchange) = 0;
  virtual void checked(const CheckPlan& check, bool holds, const EvalContext& context) = 0;
  // `failure` is empty for success.
  virtual void judged(const RequestPlan& request, std::string_view name,
                      std::string_view failure) = 0;

  // Called for `set`, `save`, `feed` and `as`.
  virtual void assigned(const std::string& variable, const ExprValue& value) = 0;
  // Called for `if` and `while`.
  virtual void decided(std::string_view keyword, bool holds, const Expr& condition,
                       const EvalContext& context) = 0;
  // Other events of the user.
  virtual void note(const std::string& text) = 0;

  // Return how long the user waits in a `wait` step and between two tasks.
  virtual Duration wait(Duration asked) = 0;
  virtual Duration wait_time(Duration asked) = 0;
  // Whether a user and a task set run each of their tasks once, in the order of the file, and end.
  virtual bool each_task_once() const = 0;

 protected:
  ~ScenarioTrace() = default;
};

}  // namespace locust::worker
