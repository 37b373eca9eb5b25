// The `parallel` step: requests that one user sends in parallel.
#include <algorithm>
#include <exception>
#include <utility>

#include "common/scenario/base_url.h"
#include "worker/scenario/run.h"

namespace locust::worker {
namespace {

// Ends the remaining requests at the end of the step.
class Together {
 public:
  explicit Together(HttpSession& session) : session_(session) {}
  ~Together() { session_.end_together(); }
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;

 private:
  HttpSession& session_;
};

struct Sent {
  const StepPlan* step;
  ExprValue element;
};

}  // namespace

// Evaluates all texts before the first request is sent. An exception after a response, or
// `end_task` in an `after`, ends the task once the other responses have arrived, so that they are
// counted.
Flow ScenarioUser::run_step(const ParallelPlan& parallel) {
  ExprList elements(1);
  if (parallel.list) {
    const ExprValue list = parallel.list->evaluate(context());
    if (list.as_list() == nullptr) {
      throw ExprFailure("'parallel' needs a list, not " + std::string(kind_of(list)));
    }
    elements = *list.as_list();
  }
  std::vector<Sent> sent;
  std::vector<HttpSession::Request> requests;
  for (const ExprValue& element : elements) {
    if (parallel.slot >= 0) assign(parallel.slot, element);
    for (const StepPlan& step : parallel.requests) {
      const auto& plan = std::get<RequestPlan>(step.action);
      sent.push_back({&step, element});
      requests.push_back({plan.method,
                          plan.constant_url ? *plan.constant_url : request_url(plan, context()),
                          options(plan)});
    }
  }

  if (client().base_url().empty() &&
      std::any_of(requests.begin(), requests.end(), [](const HttpSession::Request& request) {
        return !is_absolute_url(request.url);
      })) {
    pause_of_unsendable();
  }
  const Together together(client());
  client().send_together(std::move(requests), plan_.spec->connections);
  std::exception_ptr first;
  Flow flow = Flow::kNext;
  bool unsendable = false;
  while (const auto index = client().next_response()) {
    const auto& [step, element] = sent[*index];
    if (parallel.slot >= 0) assign(parallel.slot, element);
    unsendable |= is_unsendable();
    try {
      const Flow after = conclude_at(*step);
      if (after != Flow::kNext) flow = after;
    } catch (const UserKilled&) {
      throw;
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  serial_ = runtime_.next_serial();
  failure_.clear();
  if (unsendable) pause_of_unsendable();
  if (first) std::rethrow_exception(first);
  return flow;
}

Flow ScenarioUser::conclude_at(const StepPlan& step) {
  const auto& request = std::get<RequestPlan>(step.action);
  try {
    conclude(request);
    return follow(request);
  } catch (const TaskError&) {
    throw;
  } catch (const std::runtime_error& e) {
    fail(step.pos, e.what());
  }
}

}  // namespace locust::worker
