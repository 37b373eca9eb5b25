#include <compare>
#include <map>
#include <set>
#include <string>

#include "common/nearest_name.h"
#include "common/scenario_parse_parts.h"

namespace locust {
namespace {

// A chain of `run` and of steps within steps longer than this would need much of a user's small
// stack.
constexpr int kMaxStepDepth = 32;

void check_variables(ScenarioReader& reader) {
  const std::vector<std::string>& names = reader.variables().names();
  std::vector<std::string_view> known = builtin_names();
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (reader.is_assigned(static_cast<int>(slot))) known.push_back(names[slot]);
  }
  for (const ScenarioReader::VariableRead& read : reader.variable_reads()) {
    if (reader.is_assigned(read.slot)) continue;
    const std::string& name = names[static_cast<std::size_t>(read.slot)];
    reader.errors().add(read.pos, find_function(name)
                                      ? in_quotes(name) + " is a function: write " + name + "(…)"
                                      : "unknown name " + in_quotes(name) + ": nothing sets it" +
                                            did_you_mean(name, known));
  }
}

// Feeders, those who use them and the columns read of them; which columns a file has is for the
// worker to see.
void check_feeders(ScenarioReader& reader) {
  Scenario& scenario = reader.scenario();
  std::vector<std::string_view> known;
  for (const FeederSpec& feeder : scenario.feeders) known.push_back(feeder.name);
  const auto find = [&scenario](const auto& is_it) {
    const auto found = std::find_if(scenario.feeders.begin(), scenario.feeders.end(), is_it);
    return found == scenario.feeders.end() ? nullptr : &*found;
  };
  for (const ScenarioReader::FeederUse& use : reader.feeder_uses()) {
    FeederSpec* feeder = find([&](const FeederSpec& f) { return f.name == use.feeder; });
    if (feeder == nullptr) {
      reader.errors().add(
          use.pos, "there is no feeder " + in_quotes(use.feeder) + did_you_mean(use.feeder, known));
      continue;
    }
    if (use.adds && feeder->keep == 0) {
      reader.errors().add(use.pos, "the feeder " + in_quotes(use.feeder) +
                                       " takes no rows from steps; give it 'keep: 10000'");
    }
    feeder->added_columns.insert(feeder->added_columns.end(), use.columns.begin(),
                                 use.columns.end());
  }
  const auto by_slot = [&find](int slot) {
    return find([&](const FeederSpec& f) { return f.slot == slot; });
  };
  for (const ScenarioReader::VariableRead& assignment : reader.assignments()) {
    if (const FeederSpec* feeder = by_slot(assignment.slot)) {
      reader.errors().add(assignment.pos,
                          in_quotes(feeder->name) + " is a feeder; give the variable another name");
    }
  }
  for (const ColumnRead& read : reader.member_reads()) {
    if (by_slot(read.slot) != nullptr) scenario.column_reads.push_back(read);
  }
}

void check_arguments(ScenarioReader& reader) {
  std::vector<std::string_view> known;
  for (const ArgumentSpec& argument : reader.scenario().arguments) known.push_back(argument.name);
  for (const ScenarioReader::ArgumentRead& read : reader.argument_reads()) {
    if (std::find(known.begin(), known.end(), read.name) != known.end()) continue;
    reader.errors().add(read.pos, "unknown argument " + in_quotes("arg." + read.name) +
                                      ": 'arguments' does not define it" +
                                      did_you_mean(read.name, known));
  }
}

void check_shapes(ScenarioReader& reader) {
  std::vector<std::string_view> known;
  for (const UserClassSpec& user : reader.scenario().users) known.push_back(user.name);
  for (const ShapeSpec& shape : reader.scenario().shapes) {
    const auto* stages = std::get_if<std::vector<ShapeStage>>(&shape.load);
    if (stages == nullptr) continue;
    for (const ShapeStage& stage : *stages) {
      for (const ClassCount& users : stage.classes) {
        if (std::find(known.begin(), known.end(), users.name) != known.end()) continue;
        reader.errors().add(stage.pos, "there is no user class " + in_quotes(users.name) +
                                           did_you_mean(users.name, known));
      }
    }
  }
}

// Follows every `run` and goes into every step that holds others, from the steps of one user
// class. Names of steps come before those of tasks.
class RunChecker {
 public:
  // `user` is null for named steps, which any class may run.
  RunChecker(ScenarioReader& reader, const UserClassSpec* user) : reader_(reader), user_(user) {}

  void check(const StepList& steps, bool in_after = false) { height({&steps, in_after}, 0); }

 private:
  struct Place {
    const StepList* steps;
    bool in_after;  // where the class's `after` is not run
    auto operator<=>(const Place&) const = default;
  };

  // How many levels of `run` and of inner steps there are below `place`, itself reached through
  // `depth` of them. Each place is walked once; a chain that is too long ends the check.
  int height(Place place, int depth) {
    if (const auto known = heights_.find(place); known != heights_.end()) return known->second;
    int below = 0;
    running_.insert(place);
    const ScenarioStep* const outer_run = last_run_;
    for (const ScenarioStep& step : *place.steps) {
      last_run_ = std::holds_alternative<RunStep>(step.action) ? &step : outer_run;
      for (const Place& inner : places_below(step, place.in_after)) {
        if (too_deep_) break;
        if (running_.count(inner) > 0) {
          // Nothing but a `run` leads back; behind it there may be an `after`.
          const auto& name = std::get<RunStep>(last_run_->action).name;
          reader_.errors().add(last_run_->pos, in_quotes("run: " + name) + " leads back to itself");
        } else if (depth < kMaxStepDepth) {
          below = std::max(below, 1 + height(inner, depth + 1));
        }
        if (!too_deep_ && (depth >= kMaxStepDepth || depth + below > kMaxStepDepth)) {
          too_deep_ = true;
          reader_.errors().add(step.pos, "'run' and steps within steps lead more than " +
                                             std::to_string(kMaxStepDepth) + " levels deep");
        }
      }
    }
    last_run_ = outer_run;
    running_.erase(place);
    heights_[place] = below;
    return below;
  }

  // What the step runs besides itself.
  std::vector<Place> places_below(const ScenarioStep& step, bool in_after) {
    std::vector<Place> places;
    if (const auto* run = std::get_if<RunStep>(&step.action)) {
      if (const StepList* target = find(run->name)) {
        places.push_back({target, in_after});
      } else {
        report_unknown(run->name, step.pos);
      }
      return places;
    }
    const bool is_request = std::holds_alternative<RequestStep>(step.action) ||
                            std::holds_alternative<ParallelStep>(step.action);
    for (const StepList* list : inner_steps(step)) {
      if (!list->empty()) places.push_back({list, in_after || is_request});
    }
    if (is_request && !in_after && user_ != nullptr && !user_->after.empty()) {
      places.push_back({&user_->after, true});
    }
    return places;
  }

  const StepList* find(const std::string& name) const {
    const auto& named = reader_.scenario().steps;
    if (const auto found = named.find(name); found != named.end()) return &found->second.steps;
    if (user_ == nullptr) return nullptr;
    for (const TaskSpec& task : user_->tasks) {
      if (task.name == name) return &task.steps;
    }
    return nullptr;
  }

  void report_unknown(const std::string& name, SourcePos pos) {
    std::vector<std::string_view> known;
    for (const auto& [step_name, steps] : reader_.scenario().steps) known.push_back(step_name);
    if (user_ != nullptr) {
      for (const TaskSpec& task : user_->tasks) known.push_back(task.name);
    }
    reader_.errors().add(pos, in_quotes("run: " + name) + ": there are no steps of this name" +
                                  did_you_mean(name, known));
  }

  ScenarioReader& reader_;
  const UserClassSpec* user_;
  std::set<Place> running_;
  std::map<Place, int> heights_;
  const ScenarioStep* last_run_ = nullptr;  // the innermost one being followed
  bool too_deep_ = false;
};

}  // namespace

void check_names(ScenarioReader& reader) {
  check_variables(reader);
  check_feeders(reader);
  check_arguments(reader);
  check_shapes(reader);
  const Scenario& scenario = reader.scenario();
  RunChecker named(reader, nullptr);
  for (const auto& [name, steps] : scenario.steps) named.check(steps.steps);
  named.check(scenario.test_start);
  named.check(scenario.test_stop);
  for (const UserClassSpec& user : scenario.users) {
    RunChecker checker(reader, &user);
    checker.check(user.after, true);
    checker.check(user.on_start);
    for (const TaskSpec& task : user.tasks) checker.check(task.steps);
    checker.check(user.on_stop);
  }
}

}  // namespace locust
