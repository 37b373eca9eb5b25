// The lines of the workers' logs for /logs and /api/v1/logs.
#pragma once

#include <cstddef>

#include "master/web/json.h"
#include "master/web/run_control.h"

namespace locust::master::web {

// The limit of all lines together. Each worker has an equal share, which for up to 64 workers fits
// all lines that the master keeps.
inline constexpr std::size_t kMaxLinesBytes = std::size_t{8} << 20;

// By worker; if they do not fit, the first lines are left out.
Json lines_json(const WorkerLines& workers);

}  // namespace locust::master::web
