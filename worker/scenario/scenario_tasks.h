// ScenarioTasks: the tasks of a user class and of its task sets as TaskLists.
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

// Shared by all users of the class. Must outlive them, and the plan must outlive both. Used on the
// loop's thread once users run.
class ScenarioTasks {
 public:
  // The tasks of the class or task set `name`.
  ScenarioTasks(std::string name, const std::list<TaskPlan>& plans);
  ScenarioTasks(const ScenarioTasks&) = delete;
  ScenarioTasks& operator=(const ScenarioTasks&) = delete;

  const TaskList& list() const { return list_; }

  // From now on all tasks of the class and of its sets have the same probability; the sets
  // disappear, and `interrupt` ends a task (env.py assign_equal_weights). Call before users run.
  void assign_equal_weights();

  // Excludes the tasks that the filter rejects, and sets that become empty; the tags of a set apply
  // to all its tasks (user/task.py tag, filter_tasks_by_tags). If `chosen` is not null, the class's
  // own tasks are these instead (env.py update_user_class).
  void keep_only(const TagFilter& filter, const std::vector<std::string>* chosen);
  // Logs a warning for the class and for each set without tasks.
  void warn_of_empty() const;

 private:
  // Inherited by a task from its sets.
  struct Inherited {
    bool wanted = false;
    bool excluded = false;
  };
  void keep_only(const TagFilter& filter, Inherited inherited,
                 const std::vector<std::string>* chosen);
  void keep_equals(const TagFilter& filter, const std::vector<std::string>* chosen);

  std::string name_;
  const std::list<TaskPlan>& plans_;
  std::vector<std::unique_ptr<ScenarioTasks>> sets_;  // parallel to plans_; null if not a set
  struct Equal {
    const TaskPlan* plan;
    std::vector<std::string> tags;  // including those of the enclosing sets
  };
  static void add_equals(const std::list<TaskPlan>& plans, const std::vector<std::string>& tags,
                         std::vector<Equal>& equals);
  std::vector<Equal> equals_;  // parallel to list_; empty: not equal weights
  TaskList list_;
};

}  // namespace locust::worker
