// What a scenario says of its user classes, in the form in which native processes exchange it.
#pragma once

#include <vector>

#include "common/scenario/scenario.h"
#include "proto/message.h"

namespace locust::proto {

// The tasks of a class or a task set, with their shares. They have weights above 0.
std::vector<TaskRatio> task_ratios(const std::vector<TaskSpec>& tasks);

// Its classes in the order of the file. A host that has to be evaluated first is left out.
std::vector<ClassInfo> class_infos(const Scenario& scenario);

}  // namespace locust::proto
