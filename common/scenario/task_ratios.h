// The shares of a scenario's tasks.
#pragma once

#include <vector>

#include "common/scenario/scenario.h"
#include "common/stats/task_ratio.h"

namespace locust {

// The sum of the shares of tasks: 1 in each class and set, or the share of that class or set.
enum class ShareOf { kParent, kTotal };

// The tasks of a class or set whose own share is `parent`. Weights must be above 0.
std::vector<TaskRatio> task_ratios(const std::vector<TaskSpec>& tasks,
                                   ShareOf share_of = ShareOf::kParent, double parent = 1);

}  // namespace locust
