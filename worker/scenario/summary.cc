#include "worker/scenario/summary.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/base/number.h"
#include "common/base/text.h"
#include "common/scenario/expression_value.h"
#include "common/scenario/task_ratios.h"

namespace locust::worker {
namespace {

// The number of users of each class, of `users` in total.
std::vector<double> distribution(const Scenario& scenario, std::int64_t users) {
  double fixed = 0;
  double weights = 0;
  for (const UserClassSpec& user : scenario.users) {
    fixed += user.fixed_count;
    if (user.fixed_count == 0) weights += user.weight;
  }
  const double by_default = fixed == 0 ? weights : 1;
  const double all = users > 0 ? static_cast<double>(users) : by_default;
  std::vector<double> counts;
  for (const UserClassSpec& user : scenario.users) {
    const double share = user.weight / weights * std::max(0.0, all - fixed);
    // Weights need not be whole numbers.
    const double count = users > 0 ? std::nearbyint(share) : share;
    counts.push_back(user.fixed_count > 0 ? user.fixed_count : count);
  }
  return counts;
}

// The classes with their tasks. The shares of the classes add up to 1.
std::vector<TaskRatio> class_ratios(const Scenario& scenario, std::int64_t users,
                                    ShareOf share_of) {
  const std::vector<double> counts = distribution(scenario, users);
  double sum = 0;
  for (const double count : counts) sum += count;
  std::vector<TaskRatio> ratios;
  for (const UserClassSpec& user : scenario.users) {
    const double ratio = sum > 0 ? counts[ratios.size()] / sum : 0;
    ratios.push_back({user.name, ratio, task_ratios(user.tasks, share_of, ratio)});
  }
  return ratios;
}

void append_table(const std::vector<TaskRatio>& ratios, std::size_t level, std::string& out) {
  const std::string padding(2 * level, ' ');
  for (const TaskRatio& r : ratios) {
    out += fmt::format(" {:<10} {:<50}\n", fmt::format("{}{:<6.1f}", padding, r.ratio * 100),
                       padding + r.name);
    append_table(r.tasks, level + 1, out);
  }
}

void append_json(const std::vector<TaskRatio>& ratios, std::size_t level, std::string& out) {
  if (ratios.empty()) {
    out += "{}";
    return;
  }
  const std::string padding(4 * level, ' ');
  std::string_view separator = "{\n";
  for (const TaskRatio& r : ratios) {
    out += separator;
    separator = ",\n";
    out += padding + "    ";
    append_json_quoted(r.name, out);
    out += ": {\n" + padding + "        \"ratio\": " + float_repr(r.ratio);
    if (!r.tasks.empty()) {
      out += ",\n" + padding + "        \"tasks\": ";
      append_json(r.tasks, level + 2, out);
    }
    out += "\n" + padding + "    }";
  }
  out += "\n" + padding + "}";
}

struct TaskCount {
  std::size_t tasks = 0;
  std::size_t sets = 0;
};

TaskCount count_tasks(const std::vector<TaskSpec>& tasks) {
  TaskCount count;
  for (const TaskSpec& task : tasks) {
    const TaskCount inner = count_tasks(task.tasks);
    count.tasks += task.is_set() ? inner.tasks : 1;
    count.sets += inner.sets + (task.is_set() ? 1 : 0);
  }
  return count;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

}  // namespace

std::string describe_user_classes(const Scenario& scenario) {
  std::string out = "Available Users:\n";
  for (const UserClassSpec& user : scenario.users) out += "    " + user.name + "\n";
  return out;
}

std::string describe_task_ratio(const Scenario& scenario, std::int64_t users) {
  const std::string line(80, '-');
  std::string out = "\n Task ratio per User class\n" + line + "\n";
  append_table(class_ratios(scenario, users, ShareOf::kParent), 0, out);
  out += "\n Total task ratio\n" + line + "\n";
  append_table(class_ratios(scenario, users, ShareOf::kTotal), 0, out);
  return out;
}

std::string describe_task_ratio_json(const Scenario& scenario, std::int64_t users) {
  std::string out = "{\n    \"per_class\": ";
  append_json(class_ratios(scenario, users, ShareOf::kParent), 1, out);
  out += ",\n    \"total\": ";
  append_json(class_ratios(scenario, users, ShareOf::kTotal), 1, out);
  return out + "\n}\n";
}

std::string describe_program(const ScenarioProgram& program) {
  const Scenario& scenario = program.scenario();
  std::string out =
      joined(scenario.files) + (scenario.files.size() > 1 ? " are" : " is") + " valid\n";
  for (const UserClassSpec& user : scenario.users) {
    out += "  " + user.name + ": ";
    out += user.fixed_count > 0 ? counted(static_cast<std::size_t>(user.fixed_count), "user")
                                : fmt::format("weight {:g}", user.weight);
    const TaskCount count = count_tasks(user.tasks);
    out += ", " + counted(count.tasks, "task");
    if (count.sets > 0) out += ", " + counted(count.sets, "task set");
    out += "\n";
  }
  for (const Feeder& feeder : program.feeders()) {
    out += "  feeder " + feeder.spec().name + ": " + counted(feeder.rows_at_start(), "row") +
           " of " + joined(feeder.columns()) + "\n";
  }
  return out;
}

}  // namespace locust::worker
