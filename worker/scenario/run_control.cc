// The steps of a ScenarioUser that contain other steps or leave them.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "common/base/log.h"
#include "worker/scenario/run.h"

namespace locust::worker {
namespace {

// The passes of a `repeat`: a fixed number, or one for each element.
class Passes {
 public:
  // Throws ExprFailure if `value` is neither.
  explicit Passes(ExprValue value) : value_(std::move(value)) {
    if (const ExprList* list = value_.as_list()) {
      count_ = static_cast<std::int64_t>(list->size());
    } else if (const auto number = to_number(value_)) {
      count_ = number->to_int();
    } else {
      throw ExprFailure("'repeat' needs a number or a list, not " + std::string(kind_of(value_)));
    }
  }
  std::int64_t count() const { return count_; }
  ExprValue element(std::int64_t pass) const {
    const ExprList* list = value_.as_list();
    return list == nullptr ? ExprValue(pass) : (*list)[static_cast<std::size_t>(pass)];
  }

 private:
  ExprValue value_;
  std::int64_t count_;
};

// Sets a value until the end of the scope.
template <typename T>
class Scoped {
 public:
  Scoped(T& place, T value) : place_(place), outer_(std::exchange(place, value)) {}
  ~Scoped() { place_ = outer_; }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  T& place_;
  T outer_;
};

std::string described_transaction(const std::string& name, Duration time,
                                  const std::string& failure) {
  return fmt::format("transaction {} took {:.1f} ms{}{}", name, to_ms(time),
                     failure.empty() ? "" : ", failed: ", failure);
}

constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

}  // namespace

Flow ScenarioUser::run_step(const RunPlan& run) { return run_steps(*run.steps); }

Flow ScenarioUser::run_step(const IfPlan& branch) {
  const bool holds = evaluate(*branch.condition, context()).truthy();
  if (runtime_.trace != nullptr) {
    runtime_.trace->decided("if", holds, *branch.condition, context());
  }
  return run_steps(holds ? branch.then_steps : branch.else_steps);
}

Flow ScenarioUser::run_step(const LoopPlan& loop) {
  const Passes passes(loop.repeat ? loop.repeat->evaluate(context()) : ExprValue(kEndless));
  TimePoint end = TimePoint::max();
  if (loop.within) {
    const TimePoint now = clock().now();
    end = now + std::min(to_duration(loop.within->evaluate(context()), "'within'"),
                         TimePoint::max() - now);
  }
  for (std::int64_t pass = 0; pass < passes.count(); ++pass) {
    if (clock().now() >= end) break;
    if (loop.slot >= 0) assign(loop.slot, passes.element(pass));
    if (loop.condition != nullptr) {
      const bool holds = evaluate(*loop.condition, context()).truthy();
      if (runtime_.trace != nullptr) {
        runtime_.trace->decided("while", holds, *loop.condition, context());
      }
      if (!holds) break;
    }
    count_step();  // an empty `do` would block the loop
    const Flow flow = run_steps(loop.steps);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Flow ScenarioUser::run_step(const ChoosePlan& choose) {
  const auto& branches = choose.branches;
  const double drawn = uniform(rng()) * branches.back().weights;
  const auto chosen = std::upper_bound(
      branches.begin(), branches.end() - 1, drawn,
      [](double d, const ChoosePlan::Branch& branch) { return d < branch.weights; });
  note([&] {
    return "choose: branch " + std::to_string(chosen - branches.begin() + 1) + " of " +
           std::to_string(branches.size());
  });
  return run_steps(chosen->steps);
}

Flow ScenarioUser::run_after(const RequestPlan& request) {
  const bool is_inner = in_after();
  for (int retries = 0;; ++retries) {
    Flow flow = Flow::kNext;
    {
      const Scoped<int> attempt(retries_, retries);
      if (!is_inner) flow = run_steps(plan_.after);
      if (flow == Flow::kNext) flow = run_steps(request.after);
    }
    if (flow != Flow::kRetry) return flow;
    count_step();
    send(request);
  }
}

Flow ScenarioUser::run_step(const RetryPlan& retry) {
  const bool again = retries_ < retry.times;
  note([&] {
    return again ? "retry " + std::to_string(retries_ + 1) + " of " + std::to_string(retry.times)
                 : std::string("retry: none is left");
  });
  return again ? Flow::kRetry : Flow::kNext;
}

// A transaction is counted however it ends, except by a kill.
Flow ScenarioUser::run_step(const TransactionPlan& transaction) {
  const std::string name = transaction.name.render(context());
  const TimePoint begin = clock().now();
  std::string* const outer = transaction_failure_;
  std::string failure;
  note([&] { return "transaction " + name; });
  const auto end = [&] {
    const Duration time = clock().now() - begin;
    client().log_transaction(name, time, failure);
    note([&] { return described_transaction(name, time, failure); });
    if (outer != nullptr && outer->empty()) *outer = failure;
  };
  const Scoped<std::string*> innermost(transaction_failure_, &failure);
  Flow flow = Flow::kNext;
  try {
    flow = run_steps(transaction.steps);
  } catch (const UserKilled&) {
    throw;
  } catch (const std::exception&) {
    if (failure.empty()) failure = "an exception ended it";
    end();
    throw;
  } catch (...) {
    end();
    throw;
  }
  end();
  return flow;
}

void ScenarioUser::run_step(const LogPlan& log) {
  const std::string text = log.text.render(context());
  note([&] { return "log: " + text; });
  if (!runtime_.log_limiter) runtime_.log_limiter.emplace(clock());
  if (!runtime_.log_limiter->allow()) return;
  if (runtime_.log_limiter->suppressed() > 0) {
    log::user().info("{} lines of 'log' steps were left out", runtime_.log_limiter->suppressed());
  }
  log::user().info("{}", text);
}

void ScenarioUser::run_step(const FailPlan& fail) {
  throw std::runtime_error(fail.text.render(context()));
}

Flow ScenarioUser::run_step(const EndTaskPlan&) { return Flow::kEndTask; }

void ScenarioUser::run_step(const InterruptPlan&) { throw InterruptTaskSet{}; }

void ScenarioUser::run_step(const StopUserPlan&) { throw StopUser{}; }

}  // namespace locust::worker
