// The JSON of stock's web API (web.py of 2.47): the same keys, and numbers of the same kind.
#pragma once

#include <string>
#include <vector>

#include "master/report/run_view.h"
#include "master/web/run_control.h"

namespace locust::master::web {

std::string stock_requests_json(const RunView& view);
std::string stock_exceptions_json(const RunView& view);
std::string stock_tasks_json(const RunView& view);
std::string stock_logs_json(const std::vector<std::string>& master, const WorkerLines& workers);
std::string stock_worker_count_json(const RunView& view);
std::string stock_swarm_json(const SwarmReply& reply);
std::string stock_stop_json();

// Workers that take part in tests, counted as in stock.
std::size_t worker_count(const Snapshot& snapshot);

}  // namespace locust::master::web
