// A scenario's user classes in the form in which native processes exchange them.
#pragma once

#include <vector>

#include "common/scenario/scenario.h"
#include "proto/message.h"

namespace locust::proto {

// The scenario's classes in the order of the file. A host that must be evaluated first is left out.
std::vector<ClassInfo> class_infos(const Scenario& scenario);

}  // namespace locust::proto
