#include "common/scenario/task_ratios.h"

namespace locust {

std::vector<TaskRatio> task_ratios(const std::vector<TaskSpec>& tasks, ShareOf share_of,
                                   double parent) {
  double sum = 0;
  for (const TaskSpec& task : tasks) sum += task.weight;
  std::vector<TaskRatio> ratios;
  for (const TaskSpec& task : tasks) {
    const double ratio = task.weight * (share_of == ShareOf::kTotal ? parent : 1) / sum;
    ratios.push_back({task.name, ratio, task_ratios(task.tasks, share_of, ratio)});
  }
  return ratios;
}

}  // namespace locust
