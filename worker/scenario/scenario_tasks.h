// ScenarioTasks: the tasks of a user class, those of its task sets included, as the engine takes them.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "worker/scenario/plan.h"
#include "worker/user/task_set.h"

namespace locust::worker {

// -T and -E.
struct TagFilter {
  std::vector<std::string> tags;  // empty: all tasks
  std::vector<std::string> exclude_tags;
};

// Shared by all users of the class and outlives them; the plan outlives both. The loop's thread only,
// once users run.
class ScenarioTasks {
 public:
  // Of the class or task set `name`.
  ScenarioTasks(std::string name, const std::list<TaskPlan>& plans);
  ScenarioTasks(const ScenarioTasks&) = delete;
  ScenarioTasks& operator=(const ScenarioTasks&) = delete;

  const TaskList& list() const { return list_; }

  // From now on the tasks of the class and those of its sets are equals, drawn with the same
  // probability; the sets are no more, and `interrupt` ends a task (env.py assign_equal_weights).
  // Before users run.
  void assign_equal_weights();

  // Leaves out the tasks that the filter does not want, and the sets of which nothing is left; a set's
  // tags are those of all its tasks (user/task.py tag, filter_tasks_by_tags). Of the tasks
  // of the class itself take the `chosen` ones instead, if it is not null (env.py
  // update_user_class).
  void keep_only(const TagFilter& filter, const std::vector<std::string>* chosen);
  // A warning for the class and each set that has no task left.
  void warn_of_empty() const;

 private:
  // What is true of a task because of the sets that it is in.
  struct Inherited {
    bool wanted = false;
    bool excluded = false;
  };
  void keep_only(const TagFilter& filter, Inherited inherited,
                 const std::vector<std::string>* chosen);
  void keep_equals(const TagFilter& filter, const std::vector<std::string>* chosen);

  std::string name_;
  const std::list<TaskPlan>& plans_;
  std::vector<std::unique_ptr<ScenarioTasks>> sets_;  // beside plans_; null: steps
  struct Equal {
    const TaskPlan* plan;
    std::vector<std::string> tags;  // those of the sets around it too
  };
  static void add_equals(const std::list<TaskPlan>& plans, const std::vector<std::string>& tags,
                         std::vector<Equal>& equals);
  std::vector<Equal> equals_;  // beside list_; empty: they are none
  TaskList list_;
};

}  // namespace locust::worker
