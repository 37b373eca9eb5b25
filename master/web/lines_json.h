// The lines of the workers' logs, as /logs and /api/v1/logs tell them.
#pragma once

#include <cstddef>

#include "master/web/json.h"
#include "master/web/run_control.h"

namespace locust::master::web {

// Of all lines together. Each worker has an equal share, which is all that the master keeps of it as
// long as they are up to 64.
inline constexpr std::size_t kMaxLinesBytes = std::size_t{8} << 20;

// By worker; of those that do not fit the first ones are left out.
Json lines_json(const WorkerLines& workers);

}  // namespace locust::master::web
