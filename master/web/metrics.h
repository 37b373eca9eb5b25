// /metrics: a run in Prometheus' text format.
#pragma once

#include <string>

#include "master/report/run_view.h"

namespace locust::master::web {

inline constexpr const char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";
std::string metrics_text(const RunView& view);

}  // namespace locust::master::web
