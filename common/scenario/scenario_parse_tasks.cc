// Tasks and task sets, which may be nested.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

void read_tags(ScenarioReader& reader, const YamlNode& value, TaskSpec& task) {
  if (!reader.is_list(value, "'tags'")) return;
  for (const YamlNode* item : value.items) {
    if (reader.is_text(*item, "a tag")) task.tags.push_back(item->text);
  }
}

constexpr std::array kTaskKeys = {
    weight_row<TaskSpec>(),
    KeyRow<TaskSpec>{"tags", read_tags},
    KeyRow<TaskSpec>{"steps", [](ScenarioReader& r, const YamlNode& v,
                                 TaskSpec& task) { task.steps = read_steps(r, v, "'steps'"); }},
    // The rows from here on are for task sets.
    tasks_row<TaskSpec>(),
    sequence_row<TaskSpec>(),
    wait_time_row<TaskSpec>(),
    on_start_row<TaskSpec>(),
    on_stop_row<TaskSpec>(),
};
constexpr std::size_t kSetKeys = 5;

// Checks that a task has either steps or tasks, and only the keys of that kind.
void check_kind(ScenarioReader& reader, const YamlNode& key, const YamlNode& value) {
  const std::string where = "task " + in_quotes(key.text);
  const YamlNode::Entry* steps = find_entry(value, "steps");
  const YamlNode::Entry* tasks = find_entry(value, "tasks");
  if (steps == nullptr && tasks == nullptr) {
    reader.error(key,
                 where +
                     " has no steps: it is a list of steps, or a mapping with 'steps', or with "
                     "'tasks' for a task set");
    return;
  }
  if (tasks == nullptr) {
    for (const KeyRow<TaskSpec>& row : std::span(kTaskKeys).last(kSetKeys)) {
      const YamlNode::Entry* entry = find_entry(value, row.key);
      if (entry == nullptr) continue;
      reader.error(*entry->first,
                   in_quotes(row.key) + " is for task sets, which have 'tasks' instead of 'steps'");
    }
  } else if (steps != nullptr) {
    reader.error(*tasks->first, where + " has 'steps' already: a task has these or 'tasks'");
  } else if (!has_tasks(value)) {
    reader.error(key, where + " has no tasks");
  }
}

TaskSpec read_task(ScenarioReader& reader, const YamlNode& key, const YamlNode& value) {
  TaskSpec task;
  task.pos = key.pos;
  task.name = key.text;
  const std::string where = "task " + in_quotes(key.text);
  if (value.kind != YamlNode::Kind::kMap) {
    task.steps = read_steps(reader, value, where);
    return task;
  }
  read_keys<TaskSpec>(reader, value, kTaskKeys, where, task);
  check_kind(reader, key, value);
  if (task.sequence) check_sequence(reader, task.tasks);
  return task;
}

}  // namespace

std::vector<std::string_view> task_keys() { return readable_keys<TaskSpec>(kTaskKeys); }

std::vector<TaskSpec> read_tasks(ScenarioReader& reader, const YamlNode& value) {
  std::vector<TaskSpec> tasks;
  if (!reader.is_map(value, "'tasks'")) return tasks;
  for (const auto& [key, task] : value.entries) tasks.push_back(read_task(reader, *key, *task));
  return tasks;
}

bool has_tasks(const YamlNode& map) {
  const YamlNode::Entry* tasks = find_entry(map, "tasks");
  return tasks != nullptr && tasks->second->kind == YamlNode::Kind::kMap &&
         !tasks->second->entries.empty();
}

// Stock's sequences contain a task as many times as its weight.
void check_sequence(ScenarioReader& reader, const std::vector<TaskSpec>& tasks) {
  for (const TaskSpec& task : tasks) {
    if (task.weight == std::floor(task.weight)) continue;
    reader.errors().add(task.pos, "in a 'sequence' the weight of task " + in_quotes(task.name) +
                                      " says how often it runs in a row: a whole number");
  }
}

}  // namespace locust
