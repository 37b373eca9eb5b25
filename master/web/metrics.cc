#include "master/web/metrics.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "common/base/number.h"
#include "common/base/version.h"
#include "common/stats/stats.h"

namespace locust::master::web {
namespace {

// Prometheus' three escapes.
std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

class MetricsWriter {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  // `labels` is empty or "a=\"b\"".
  void sample(std::string_view name, std::string_view labels, const Number& value) {
    text_.append(name);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(value.repr()).append("\n");
  }
  // A family of one sample.
  void gauge(std::string_view name, std::string_view help, const Number& value) {
    family(name, "gauge", help);
    sample(name, "", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string labels_of(const MetricRow& row) {
  return "method=\"" + label_value(row.method) + "\",name=\"" + label_value(row.name) + "\"";
}

// The part of the total that the other rows do not have.
MetricRow others(const RunView& view) {
  MetricRow rest = view.metrics_total;
  rest.method = "";
  rest.name = RequestStats::kOthers;
  for (const MetricRow& row : view.metrics) {
    // Transactions are not requests, so the total lacks them.
    if (row.method == kTransactionMethod) continue;
    rest.num_requests -= row.num_requests;
    rest.num_failures -= row.num_failures;
    rest.total_response_time -= row.total_response_time;
    for (std::size_t i = 0; i < rest.time_counts.size() && i < row.time_counts.size(); ++i) {
      rest.time_counts[i] -= row.time_counts[i];
    }
  }
  rest.num_requests = std::max<std::int64_t>(rest.num_requests, 0);
  rest.num_failures = std::max<std::int64_t>(rest.num_failures, 0);
  rest.total_response_time = std::max(rest.total_response_time, 0.0);
  for (std::int64_t& count : rest.time_counts) count = std::max<std::int64_t>(count, 0);
  return rest;
}

void add_histogram(MetricsWriter& out, const MetricRow& row, const std::vector<double>& bounds_ms) {
  const std::string labels = labels_of(row);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < row.time_counts.size(); ++i) {
    sum += row.time_counts[i];
    const std::string bound = i < bounds_ms.size() ? float_repr(bounds_ms[i] / 1000) : "+Inf";
    out.sample("locust_response_time_seconds_bucket", labels + ",le=\"" + bound + "\"", sum);
  }
  out.sample("locust_response_time_seconds_sum", labels, row.total_response_time / 1000);
  out.sample("locust_response_time_seconds_count", labels, sum);
}

void add_requests(MetricsWriter& out, const RunView& view) {
  std::vector<MetricRow> rows = view.metrics;
  if (view.snapshot->stats.entries.size() > rows.size()) rows.push_back(others(view));
  out.family("locust_requests_total", "counter", "Requests of this test, including failed ones.");
  for (const MetricRow& row : rows) {
    out.sample("locust_requests_total", labels_of(row), row.num_requests);
  }
  out.family("locust_failures_total", "counter", "Requests of this test that failed.");
  for (const MetricRow& row : rows) {
    out.sample("locust_failures_total", labels_of(row), row.num_failures);
  }
  out.family("locust_response_time_seconds", "histogram", "Response times of this test.");
  for (const MetricRow& row : rows) add_histogram(out, row, view.metric_bounds);
}

void add_workers(MetricsWriter& out, const Snapshot& snapshot) {
  std::map<std::string_view, std::int64_t> states = {
      {"missing", 0}, {"ready", 0}, {"running", 0}, {"spawning", 0}, {"stopped", 0}};
  double cpu_sum = 0;
  double cpu_max = 0;
  double lag_max = 0;
  std::int64_t memory = 0;
  std::int64_t limited = 0;
  for (const WorkerView& worker : snapshot.workers) {
    ++states[worker.state];
    cpu_sum += worker.cpu_usage;
    cpu_max = std::max(cpu_max, worker.cpu_usage);
    lag_max = std::max(lag_max, worker.loop_lag_ms.value_or(0));
    memory += worker.memory_usage;
    limited += worker.limits.empty() ? 0 : 1;
  }
  out.family("locust_workers", "gauge", "Workers by state.");
  for (const auto& [state, count] : states) {
    out.sample("locust_workers", "state=\"" + std::string(state) + "\"", count);
  }
  const auto workers = static_cast<double>(std::max<std::size_t>(snapshot.workers.size(), 1));
  out.gauge("locust_workers_cpu_percent", "CPU of the workers on average, in percent of a core.",
            cpu_sum / workers);
  out.gauge("locust_workers_cpu_percent_max", "CPU of the busiest worker.", cpu_max);
  out.gauge("locust_workers_memory_bytes", "Memory of all workers together.", memory);
  out.gauge("locust_workers_loop_lag_seconds_max", "The lag of the slowest worker's loop.",
            lag_max / 1000);
  out.gauge("locust_workers_limiting", "Workers that report that they limit the test.", limited);
}

}  // namespace

std::string metrics_text(const RunView& view) {
  const Snapshot& snapshot = *view.snapshot;
  MetricsWriter out;
  out.family("locust_info", "gauge", "The version of this master.");
  out.sample("locust_info", "version=\"" + std::string(kVersion) + "\"", 1);
  out.family("locust_state", "gauge", "1 for the current state of the master.");
  for (const char* state : {"ready", "running", "spawning", "stopped", "stopping"}) {
    out.sample("locust_state", "state=\"" + std::string(state) + "\"",
               snapshot.state == state ? 1 : 0);
  }
  out.gauge("locust_users", "Users that run.", snapshot.user_count);
  out.gauge("locust_users_target", "Target count of users.", view.run.target_user_count);
  out.family("locust_test_start_time_seconds", "gauge",
             "Start time of the test; 0 if there was none.");
  out.sample("locust_test_start_time_seconds", "", view.run.start_time.value_or(0));
  add_requests(out, view);
  out.gauge("locust_failure_kinds", "Kinds of failures in this test.",
            static_cast<std::int64_t>(snapshot.stats.errors.size()));
  out.gauge("locust_exception_kinds", "Kinds of exceptions in this test.",
            static_cast<std::int64_t>(snapshot.exceptions.size()));
  add_workers(out, snapshot);
  return out.take();
}

}  // namespace locust::master::web
