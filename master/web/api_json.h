// The JSON of /api/v1 and of the HTML report; docs/api.md and openapi_schemas.cc describe it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/report/run_view.h"
#include "master/web/run_control.h"

namespace locust::master::web {

// The logged-in account; empty without --web-login.
struct LoginView {
  std::string user;
  std::string csrf;
};

// The reason why a request is refused; with the keys of stock's response to /swarm.
std::string refusal_json(const std::string& reason);

std::string tick_json(const RunView& view);
std::string entries_json(const RunView& view);
std::string failures_json(const RunView& view);
std::string exceptions_json(const RunView& view);
std::string workers_json(const RunView& view);
std::string logs_json(const RunView& view, const std::vector<std::string>& master,
                      const WorkerLines& workers);
std::string api_tasks_json(const RunView& view);
// The points after `after`, or all if the client's points are outdated.
std::string history_json(const RunView& view, std::optional<double> after);
std::string form_json(const RunView& view, const LoginView& login);

// All data of a running test, or of one that has ended.
std::string report_json(const RunView& view, const std::vector<std::string>& invalid_reasons);

}  // namespace locust::master::web
