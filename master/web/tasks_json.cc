#include "master/web/tasks_json.h"

namespace locust::master::web {
namespace {

Json shares_json(const std::vector<TaskRatio>& tasks, TaskTotals totals, double parent) {
  Json object = Json::object();
  for (const TaskRatio& task : tasks) {
    const double ratio = task.ratio * (totals == TaskTotals::kTotal ? parent : 1.0);
    Json share = {{"ratio", ratio}};
    if (!task.tasks.empty()) share["tasks"] = shares_json(task.tasks, totals, ratio);
    object[task.name] = std::move(share);
  }
  return object;
}

}  // namespace

Json tasks_json(const RunView& view, TaskTotals totals) {
  std::int64_t users = 0;
  for (const auto& [name, count] : view.tasks_users) users += count;
  Json object = Json::object();
  for (const ClassView& user_class : view.classes) {
    if (!user_class.in_test) continue;
    const auto count = view.tasks_users.find(user_class.name);
    const double ratio = users > 0 && count != view.tasks_users.end()
                             ? static_cast<double>(count->second) / static_cast<double>(users)
                             : 0.0;
    object[user_class.name] = {{"ratio", ratio},
                               {"tasks", shares_json(user_class.tasks, totals, ratio)}};
  }
  return object;
}

}  // namespace locust::master::web
