#include "proto/class_info.h"

#include <utility>

namespace locust::proto {

std::vector<TaskRatio> task_ratios(const std::vector<TaskSpec>& tasks) {
  double sum = 0;
  for (const TaskSpec& task : tasks) sum += task.weight;
  std::vector<TaskRatio> ratios;
  for (const TaskSpec& task : tasks) {
    ratios.push_back({task.name, task.weight / sum, task_ratios(task.tasks)});
  }
  return ratios;
}

std::vector<ClassInfo> class_infos(const Scenario& scenario) {
  std::vector<ClassInfo> infos;
  for (const UserClassSpec& spec : scenario.users) {
    ClassInfo info{spec.name, spec.weight, spec.fixed_count, {}, task_ratios(spec.tasks)};
    const std::optional<TextTemplate>& host = spec.host ? spec.host : scenario.host;
    if (const std::string* text = host ? host->constant() : nullptr) info.host = *text;
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace locust::proto
