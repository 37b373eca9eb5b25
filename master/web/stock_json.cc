#include "master/web/stock_json.h"

#include <algorithm>
#include <array>

#include "master/web/json.h"
#include "master/web/lines_json.h"
#include "master/web/tasks_json.h"

namespace locust::master::web {
namespace {

constexpr std::size_t kMaxRows = 500;  // of each table (web.py request_stats)

// Of kPercentilesToReport, those that stock shows in the table (PERCENTILES_TO_STATISTICS) and in
// the charts (PERCENTILES_TO_CHART).
constexpr std::array kTablePercentiles = {0.95, 0.99};
constexpr std::array kChartPercentiles = {0.5, 0.95};

std::size_t place_of(double percentile) {
  const auto* place =
      std::find(kPercentilesToReport.begin(), kPercentilesToReport.end(), percentile);
  return static_cast<std::size_t>(place - kPercentilesToReport.begin());
}

std::string percentile_key(double percentile) {
  return "response_time_percentile_" + float_repr(percentile);
}

Json stock_row(const StatsRow& row) {
  Json object = {{"method", row.method},
                 {"name", row.name},
                 {"num_requests", row.num_requests},
                 {"num_failures", row.num_failures},
                 {"min_response_time", proper_round(row.min_response_time)},
                 {"max_response_time", proper_round(row.max_response_time)},
                 {"current_rps", row.current_rps},
                 {"current_fail_per_sec", row.current_fail_per_sec},
                 {"avg_response_time", row.avg_response_time},
                 {"median_response_time", json(row.median_response_time)},
                 {"total_rps", row.total_rps},
                 {"total_fail_per_sec", row.total_fail_per_sec},
                 {"avg_content_length", json(row.avg_content_length)}};
  for (const double percentile : kTablePercentiles) {
    object[percentile_key(percentile)] = json(row.percentiles[place_of(percentile)]);
  }
  return object;
}

Json stock_error(const StatsError& error) {
  return {{"method", error.method},
          {"name", error.name},
          {"error", error.error},
          {"occurrences", error.occurrences},
          {"first_seen", json(error.first_seen)},
          {"last_seen", json(error.last_seen)}};
}

Json stock_workers(const Snapshot& snapshot) {
  Json workers = Json::array();
  for (const WorkerView& worker : snapshot.workers) {
    workers.push_back({{"id", worker.id},
                       {"state", worker.state},
                       {"user_count", worker.user_count},
                       {"cpu_usage", worker.cpu_usage},
                       {"memory_usage", worker.memory_usage}});
  }
  return workers;
}

}  // namespace

std::size_t worker_count(const Snapshot& snapshot) {
  return static_cast<std::size_t>(
      std::count_if(snapshot.workers.begin(), snapshot.workers.end(), [](const WorkerView& worker) {
        return worker.state == "ready" || worker.state == "spawning" || worker.state == "running";
      }));
}

std::string stock_requests_json(const RunView& view) {
  const Snapshot& snapshot = *view.snapshot;
  const StatsSummary& stats = snapshot.stats;
  Json rows = Json::array();
  for (const StatsRow& row : stats.entries) {
    if (rows.size() == kMaxRows) break;
    rows.push_back(stock_row(row));
  }
  rows.push_back(stock_row(stats.total));
  Json errors = Json::array();
  for (const auto& [key, error] : stats.errors) {
    if (errors.size() == kMaxRows) break;
    errors.push_back(stock_error(error));
  }
  Json percentiles = Json::object();
  for (const double percentile : kChartPercentiles) {
    const auto& current = stats.total.current_percentiles[place_of(percentile)];
    percentiles[percentile_key(percentile)] = current ? json(*current) : Json();
  }
  return text_of({{"stats", std::move(rows)},
                  {"errors", std::move(errors)},
                  {"current_rps", stats.total.current_rps},
                  {"current_fail_per_sec", stats.total.current_fail_per_sec},
                  {"total_rps", stats.total.total_rps},
                  {"total_fail_per_sec", stats.total.total_fail_per_sec},
                  {"fail_ratio", stats.total.fail_ratio},
                  {"current_response_time_percentiles", std::move(percentiles)},
                  {"workers", stock_workers(snapshot)},
                  {"worker_count", worker_count(snapshot)},
                  {"state", snapshot.state},
                  {"user_count", snapshot.user_count}});
}

std::string stock_exceptions_json(const RunView& view) {
  Json rows = Json::array();
  for (const ExceptionView& exception : view.snapshot->exceptions) {
    std::string nodes;
    for (const std::string& node : exception.nodes) {
      if (!nodes.empty()) nodes += ", ";
      nodes += node;
    }
    rows.push_back({{"count", exception.count},
                    {"msg", exception.msg},
                    {"traceback", exception.traceback},
                    {"nodes", std::move(nodes)}});
  }
  return text_of({{"exceptions", std::move(rows)}});
}

std::string stock_tasks_json(const RunView& view) {
  return text_of({{"per_class", tasks_json(view, TaskTotals::kPerClass)},
                  {"total", tasks_json(view, TaskTotals::kTotal)}});
}

std::string stock_logs_json(const std::vector<std::string>& master, const WorkerLines& workers) {
  return text_of({{"master", master}, {"workers", lines_json(workers)}});
}

std::string stock_worker_count_json(const RunView& view) {
  return text_of({{"worker_count", worker_count(*view.snapshot)}});
}

std::string stock_swarm_json(const SwarmReply& reply) {
  Json object = {
      {"success", reply.success}, {"message", reply.message}, {"host", json(reply.host)}};
  if (reply.run_time) object["run_time"] = *reply.run_time;
  if (reply.user_classes) object["user_classes"] = *reply.user_classes;
  return text_of(object);
}

std::string stock_stop_json() { return text_of({{"success", true}, {"message", "Test stopped"}}); }

}  // namespace locust::master::web
