// Follows the steps of a scenario: by `run`, into nested steps, and out of task sets.
#include <algorithm>
#include <compare>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

// A chain of `run`, of task sets and of steps within steps longer than this would need much of a
// user's small stack.
constexpr int kMaxStepDepth = 32;

constexpr std::string_view kNoSet =
    "no task set is around it that it could leave; 'end_task: true' ends a task";
constexpr std::string_view kLeftAlready = "in 'on_stop' the task set is being left already";

// The tasks that `run` may name in a list of steps: those of the innermost set, then those of the
// enclosing sets.
struct Scope {
  const std::vector<TaskSpec>* tasks;
  const Scope* outer;
};

// Follows every `run` and every nested step from the steps of one user class. Names of steps have
// priority over those of tasks.
class RunChecker {
 public:
  // `user` is null for named steps and hooks, which have no class's tasks around them.
  RunChecker(ScenarioReader& reader, const UserClassSpec* user) : reader_(reader), user_(user) {}

  void check(const StepList& steps) {
    height({.steps = &steps, .in_after = false, .scope = nullptr}, 0);
  }

  // A hook's steps.
  void check_outside_sets(const StepList& steps) {
    check(steps);
    if (!too_deep_) refuse_interrupts(steps, nullptr, kNoSet);
  }

  void check_user() {
    const Scope& scope = scopes_.emplace_back(Scope{&user_->tasks, nullptr});
    height({.steps = &user_->after, .in_after = true, .scope = &scope}, 0);
    height({.steps = &user_->on_start, .in_after = false, .scope = &scope}, 0);
    measure_tasks(scope, 0);
    height({.steps = &user_->on_stop, .in_after = false, .scope = &scope}, 0);
    if (too_deep_) return;
    for (const StepList* steps : {&user_->after, &user_->on_start, &user_->on_stop}) {
      refuse_interrupts(*steps, &scope, kNoSet);
    }
    for (const TaskSpec& task : user_->tasks) {
      refuse_interrupts(task.steps, &scope, kNoSet);
      refuse_in_on_stop(task, scope);
    }
  }

 private:
  struct Place {
    const StepList* steps;
    bool in_after;  // where the class's `after` is not run
    const Scope* scope;
    auto operator<=>(const Place&) const = default;
  };

  // The tasks of a scope, reached through `depth` task sets.
  void measure_tasks(const Scope& scope, int depth) {
    for (const TaskSpec& task : *scope.tasks) {
      height({.steps = &task.steps, .in_after = false, .scope = &scope}, depth);
      if (!task.is_set()) continue;
      const Scope& inner = scopes_.emplace_back(Scope{&task.tasks, &scope});
      height({.steps = &task.on_start, .in_after = false, .scope = &inner}, depth + 1);
      measure_tasks(inner, depth + 1);
      height({.steps = &task.on_stop, .in_after = false, .scope = &inner}, depth + 1);
    }
  }

  // How many levels of `run` and of inner steps there are below `place`, itself reached through
  // `depth` of them. Each place is walked once; a chain that is too long ends the check.
  int height(Place place, int depth) {
    if (const auto known = heights_.find(place); known != heights_.end()) return known->second;
    int below = 0;
    running_.insert(place);
    const ScenarioStep* const outer_run = last_run_;
    for (const ScenarioStep& step : *place.steps) {
      last_run_ = std::holds_alternative<RunStep>(step.action) ? &step : outer_run;
      for (const Place& inner : places_below(step, place)) {
        if (too_deep_) break;
        if (running_.count(inner) > 0) {
          // Only a `run` can lead back; an `after` may follow it.
          const auto& name = std::get<RunStep>(last_run_->action).name;
          reader_.errors().add(last_run_->pos, in_quotes("run: " + name) + " leads back to itself");
        } else if (depth < kMaxStepDepth) {
          below = std::max(below, 1 + height(inner, depth + 1));
        }
        if (!too_deep_ && (depth >= kMaxStepDepth || depth + below > kMaxStepDepth)) {
          too_deep_ = true;
          reader_.errors().add(step.pos, "'run', task sets and steps within steps lead more than " +
                                             std::to_string(kMaxStepDepth) + " levels deep");
        }
      }
    }
    last_run_ = outer_run;
    running_.erase(place);
    heights_[place] = below;
    return below;
  }

  // The lists of steps that the step runs.
  std::vector<Place> places_below(const ScenarioStep& step, const Place& at) {
    std::vector<Place> places;
    if (const auto* run = std::get_if<RunStep>(&step.action)) {
      if (const auto target = find(run->name, at.scope); target.steps != nullptr) {
        places.push_back({target.steps, at.in_after, target.scope});
      } else {
        report_unknown(*run, step.pos, at.scope);
      }
      return places;
    }
    const bool is_request = std::holds_alternative<RequestStep>(step.action) ||
                            std::holds_alternative<ParallelStep>(step.action);
    for (const StepList* list : inner_steps(step)) {
      if (!list->empty()) places.push_back({list, at.in_after || is_request, at.scope});
    }
    if (is_request && !at.in_after && user_ != nullptr && !user_->after.empty()) {
      places.push_back({.steps = &user_->after, .in_after = true, .scope = &scopes_.front()});
    }
    return places;
  }

  // The steps with this name and their scope; null if there are none.
  struct Target {
    const StepList* steps = nullptr;
    const Scope* scope = nullptr;
  };
  Target find(const std::string& name, const Scope* scope) const {
    const auto& named = reader_.scenario().steps;
    if (const auto found = named.find(name); found != named.end()) {
      return {&found->second.steps, nullptr};
    }
    const TaskSpec* task = find_task(name, scope);
    return task == nullptr || task->is_set() ? Target{} : Target{&task->steps, scope};
  }

  // Sets `scope` to the scope of the found task.
  static const TaskSpec* find_task(const std::string& name, const Scope*& scope) {
    for (; scope != nullptr; scope = scope->outer) {
      for (const TaskSpec& task : *scope->tasks) {
        if (task.name == name) return &task;
      }
    }
    return nullptr;
  }

  void report_unknown(const RunStep& run, SourcePos pos, const Scope* scope) {
    std::vector<std::string_view> known;
    for (const auto& [step_name, steps] : reader_.scenario().steps) known.push_back(step_name);
    for (const Scope* around = scope; around != nullptr; around = around->outer) {
      for (const TaskSpec& task : *around->tasks) known.push_back(task.name);
    }
    const std::string what = in_quotes("run: " + run.name) + ": ";
    if (find_task(run.name, scope) != nullptr) {
      reader_.errors().add(pos, what +
                                    "this is a task set, not steps; put what it shares with others "
                                    "under the top-level 'steps'");
    } else {
      reader_.errors().add(
          pos, what + "there are no steps of this name" + did_you_mean(run.name, known));
    }
  }

  // Reports each step that would leave a set where it cannot.
  void refuse_interrupts(const StepList& steps, const Scope* scope, std::string_view why) {
    for (const ScenarioStep& step : steps) {
      if (std::holds_alternative<InterruptStep>(step.action)) {
        reader_.errors().add(step.pos, "'interrupt': " + std::string(why));
      } else if (const auto* run = std::get_if<RunStep>(&step.action)) {
        const ScenarioStep* interrupt = interrupt_behind(*run, scope);
        if (interrupt == nullptr) continue;
        reader_.errors().add(
            step.pos, in_quotes("run: " + run->name) + " leads to the 'interrupt' at " +
                          to_string(reader_.scenario(), interrupt->pos) + ": " + std::string(why));
      }
      for (const StepList* inner : inner_steps(step)) refuse_interrupts(*inner, scope, why);
    }
  }

  void refuse_in_on_stop(const TaskSpec& task, const Scope& outer) {
    const Scope& scope = scopes_.emplace_back(Scope{&task.tasks, &outer});
    refuse_interrupts(task.on_stop, &scope, kLeftAlready);
    for (const TaskSpec& inner : task.tasks) refuse_in_on_stop(inner, scope);
  }

  // An `interrupt` that the steps may reach; null if there is none.
  const ScenarioStep* interrupt_in(const StepList& steps, const Scope* scope) {
    // Circles have been reported.
    const auto [known, is_new] = interrupts_.emplace(&steps, nullptr);
    if (!is_new) return known->second;
    const ScenarioStep* found = nullptr;
    for (const ScenarioStep& step : steps) {
      if (std::holds_alternative<InterruptStep>(step.action)) found = &step;
      if (const auto* run = std::get_if<RunStep>(&step.action))
        found = interrupt_behind(*run, scope);
      for (const StepList* inner : inner_steps(step)) {
        if (found == nullptr) found = interrupt_in(*inner, scope);
      }
      if (found != nullptr) break;
    }
    return known->second = found;
  }

  const ScenarioStep* interrupt_behind(const RunStep& run, const Scope* scope) {
    const Target target = find(run.name, scope);
    return target.steps == nullptr ? nullptr : interrupt_in(*target.steps, target.scope);
  }

  ScenarioReader& reader_;
  const UserClassSpec* user_;
  std::deque<Scope> scopes_;  // the class's first
  std::set<Place> running_;
  std::map<Place, int> heights_;
  std::map<const StepList*, const ScenarioStep*> interrupts_;
  const ScenarioStep* last_run_ = nullptr;  // the innermost one being followed
  bool too_deep_ = false;
};

}  // namespace

void check_runs(ScenarioReader& reader) {
  const Scenario& scenario = reader.scenario();
  RunChecker named(reader, nullptr);
  for (const auto& [name, steps] : scenario.steps) named.check(steps.steps);
  named.check_outside_sets(scenario.test_start);
  named.check_outside_sets(scenario.test_stop);
  for (const UserClassSpec& user : scenario.users) RunChecker(reader, &user).check_user();
}

}  // namespace locust
