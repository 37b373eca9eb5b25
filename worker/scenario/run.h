// ScenarioUser: a user that runs a scenario's steps and calls its HttpSession.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worker/scenario/plan.h"
#include "worker/scenario/trace.h"
#include "worker/user/user.h"

namespace locust::worker {

// How a list of steps has ended.
enum class Flow : std::uint8_t {
  kNext,     // normally
  kEndTask,  // by ending the whole task
  kRetry,    // by a request that must be sent again
};

// Used on the loop's thread. The plan, its scenario and the runtime must outlive it.
//
// Evaluates a request in this order: checks up to the first that does not hold, then all saves.
// Logs at most one failure, the first of: no complete response (unless nothing arrived at all and
// checks on `status` accept that), a status of 400 or more that no check reads, the failed check,
// the first save that is null.
//
// An error in an expression (ExprFailure) ends the task with an exception that names the position
// in the file.
class ScenarioUser : public User {
 public:
  ScenarioUser(const UserEnvironment& environment, const UserClassPlan& plan, const TaskList& tasks,
               const Scenario& scenario, ScenarioRuntime& runtime);

  // `end_task` within a hook ends the hook.
  void on_start() override { run_hook("on_start", plan_.on_start); }
  void on_stop() override { run_hook("on_stop", plan_.on_stop); }
  Duration wait_time(const WaitInput& in) override;
  std::unique_ptr<TaskSet> make_task_set() override;  // both in scenario_tasks.cc

  // For the tasks and task sets of this user. `name` is passed to the trace.
  void run_task(std::string_view name, const StepPlans& steps) {
    run_part(name, steps, PartKind::kTask);
  }
  void run_hook(std::string_view name, const StepPlans& steps) {
    run_part(name, steps, PartKind::kHook);
  }
  Duration wait_time(const SourceExpr& expression, const WaitInput& in);
  std::unique_ptr<TaskSet> make_task_set(const TaskPlan& set, const TaskList& tasks);

 protected:
  // Makes this user's variables visible to all users of the process.
  void share_variables() { runtime_.shared_variables = variables_; }

 private:
  // Passes the text that `text` returns to the trace, if there is one.
  template <typename Text>
  void note(Text&& text) {
    if (runtime_.trace != nullptr) runtime_.trace->note(text());
  }

  void run_part(std::string_view name, const StepPlans& steps, PartKind kind);
  Flow run_steps(const StepPlans& steps);
  // Whether each task runs once, unlike in a test.
  bool runs_each_task_once() const {
    return runtime_.trace != nullptr && runtime_.trace->each_task_once();
  }

  Flow run_step(const RequestPlan& request);
  void run_step(const SetPlan& set);
  void run_step(const HeadersPlan& headers);
  void run_step(const CookiesPlan& cookies);
  void run_step(const NewSessionPlan&) { client().new_session(); }
  void run_step(const WaitPlan& wait);
  void run_step(const FeedPlan& feed);
  void run_step(const AddPlan& add);
  void run_step(const StopTestPlan& stop);
  Flow run_step(const ParallelPlan& parallel);
  // Steps that contain others, in run_control.cc.
  Flow run_step(const RunPlan& run);
  Flow run_step(const IfPlan& branch);
  Flow run_step(const LoopPlan& loop);
  Flow run_step(const ChoosePlan& choose);
  Flow run_step(const TransactionPlan& transaction);
  Flow run_step(const RetryPlan& retry);
  void run_step(const LogPlan& log);
  void run_step(const FailPlan& fail);
  Flow run_step(const EndTaskPlan& end);
  void run_step(const InterruptPlan& interrupt);
  void run_step(const StopUserPlan& stop);

  // Sends a request, judges its response and counts it.
  void send(const RequestPlan& request);
  bool is_unsendable();
  void pause_of_unsendable();
  // Evaluates checks and saves of the response and counts the request.
  void conclude(const RequestPlan& request);
  void finish(const RequestPlan& request);
  Flow conclude_at(const StepPlan& step);
  void complete(FailedExchange& exchange);
  // Runs the `after` of the class and of the request, if any.
  Flow follow(const RequestPlan& request);
  Flow run_after(const RequestPlan& request);
  bool in_after() const { return retries_ >= 0; }

  EvalContext context();
  RequestOptions options(const RequestPlan& request);
  HeaderChanges request_headers(const RequestPlan& request);
  void add_body(const RequestPlan& request, RequestOptions& options);
  // Returns the failure to log; empty for success.
  std::string judge(const RequestPlan& request);
  std::string check(const RequestPlan& request);
  std::string save(const RequestPlan& request);
  void assign(int slot, ExprValue value);
  [[noreturn]] void fail(SourcePos pos, const std::string& message) const;

  const UserClassPlan& plan_;
  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  std::vector<ExprValue> variables_;    // by slot, up to the last that was set
  HeaderChanges session_headers_;       // changes by `headers` steps
  std::uint64_t serial_ = 0;            // of the current response
  const Expr* failed_check_ = nullptr;  // of the current response
  std::string failure_;                 // of the current response
  int retries_ = -1;                    // of the request whose `after` is running; -1 if none
  std::string* transaction_failure_ = nullptr;  // the first one's in the innermost transaction
};

}  // namespace locust::worker
