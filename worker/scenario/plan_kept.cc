// Which requests must keep their response: an approximation that never forgets one.
#include <set>
#include <unordered_map>
#include <vector>

#include "worker/scenario/plan.h"

namespace locust::worker {
namespace {

void keep(RequestPlan& request, const ExprReads& reads) {
  request.keep_body |= reads.body;
  request.keep_headers |= reads.headers;
}

void add(ExprReads& reads, const ExprReads& more) {
  reads.body |= more.body;
  reads.headers |= more.headers;
}

void keep_all(StepPlans& steps, const ExprReads& reads) {
  for (StepPlan& step : steps) {
    if (auto* request = std::get_if<RequestPlan>(&step.action)) keep(*request, reads);
    if (auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
      keep_all(parallel->requests, reads);
    }
  }
}

// What a list of steps does to the response that is current while it runs.
struct Effect {
  ExprReads reads_at_entry;     // of the response that was current before the list
  std::set<RequestPlan*> last;  // requests whose response may be current after it
  bool passes = true;           // the response from before may still be current after it
};

class Walk {
 public:
  const Effect& effect(StepPlans& steps) {
    const auto known = effects_.find(&steps);
    if (known != effects_.end()) return known->second;
    Effect effect;
    for (StepPlan& step : steps) apply(step, effect);
    return effects_.emplace(&steps, std::move(effect)).first->second;
  }

 private:
  static void read(Effect& effect, const ExprReads& reads) {
    for (RequestPlan* request : effect.last) keep(*request, reads);
    if (effect.passes) add(effect.reads_at_entry, reads);
  }

  void apply(StepPlan& step, Effect& effect) {
    read(effect, step.reads_before);
    if (auto* request = std::get_if<RequestPlan>(&step.action)) {
      keep(*request, step.reads_own);
      effect.last = {request};
      effect.passes = false;
    } else if (auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
      for (StepPlan& inner : parallel->requests) {
        read(effect, inner.reads_before);
        keep(std::get<RequestPlan>(inner.action), inner.reads_own);
      }
      effect.last.clear();  // no response is current after it
      effect.passes = false;
    } else if (const auto* run = std::get_if<RunPlan>(&step.action)) {
      const Effect& inner = this->effect(*run->steps);
      read(effect, inner.reads_at_entry);
      if (!inner.passes) {
        effect.last.clear();
        effect.passes = false;
      }
      effect.last.insert(inner.last.begin(), inner.last.end());
    }
  }

  std::unordered_map<const StepPlans*, Effect> effects_;
};

}  // namespace

void mark_kept_responses(ScenarioPlan& plan) {
  Walk walk;
  for (UserClassPlan& user : plan.users) {
    std::vector<const Effect*> effects = {&walk.effect(user.on_start), &walk.effect(user.on_stop)};
    for (TaskPlan& task : user.tasks) effects.push_back(&walk.effect(task.steps));
    // Any task may follow any other.
    ExprReads later;
    for (const Effect* effect : effects) add(later, effect->reads_at_entry);
    for (const Effect* effect : effects) {
      for (RequestPlan* request : effect->last) keep(*request, later);
    }
  }
  // A class's headers are evaluated before each request, its wait time after each task.
  ExprReads always;
  for (const UserClassPlan& user : plan.users) add(always, user.reads);
  for (auto& [name, steps] : plan.steps) keep_all(steps, always);
  for (UserClassPlan& user : plan.users) {
    keep_all(user.on_start, always);
    for (TaskPlan& task : user.tasks) keep_all(task.steps, always);
    keep_all(user.on_stop, always);
  }
  for (UserClassPlan* hook : {plan.test_start.get(), plan.test_stop.get()}) {
    if (hook != nullptr) walk.effect(hook->on_start);
  }
}

}  // namespace locust::worker
