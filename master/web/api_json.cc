#include "master/web/api_json.h"

#include <algorithm>
#include <string_view>

#include "common/base/mask.h"
#include "common/base/version.h"
#include "master/report/verdict_table.h"
#include "master/web/json.h"
#include "master/web/lines_json.h"
#include "master/web/stock_json.h"
#include "master/web/tasks_json.h"

namespace locust::master::web {
namespace {

std::string version_text() { return std::string("locust-cpp ").append(kVersion); }

// "99.9" of 0.999.
std::string percent_text(double percentile) {
  std::string text = readable_percentile(percentile);
  text.pop_back();
  return text;
}

Json percents(const std::vector<double>& percentiles) {
  Json list = Json::array();
  for (const double percentile : percentiles) list.push_back(Json::parse(percent_text(percentile)));
  return list;
}

Json times_by_percent(const std::vector<double>& percentiles, const std::vector<double>& times) {
  Json object = Json::object();
  for (std::size_t i = 0; i < percentiles.size() && i < times.size(); ++i) {
    object[percent_text(percentiles[i])] = times[i];
  }
  return object;
}

Json phases_json(const std::vector<double>& percentiles, const PhaseTimes& phases) {
  if (phases.empty()) return Json();
  Json object = Json::object();
  const auto add = [&](const char* name, const std::vector<double>& times) {
    if (!times.empty()) object[name] = times_by_percent(percentiles, times);
  };
  add("dns", phases.dns);
  add("connect", phases.connect);
  add("tls", phases.tls);
  add("first_byte", phases.first_byte);
  return object;
}

Json entry_json(const StatsRow& row, const std::vector<double>& percentiles,
                const PhaseTimes& phases) {
  Json times = Json::object();
  for (std::size_t i = 0; i < percentiles.size() && i < row.chosen.size(); ++i) {
    times[percent_text(percentiles[i])] =
        row.has_response_times ? Json(row.chosen[i].whole_run) : Json();
  }
  return {{"method", row.method},
          {"name", row.name},
          {"num_requests", row.num_requests},
          {"num_failures", row.num_failures},
          {"num_none_requests", row.num_none_requests},
          {"avg_response_time", row.avg_response_time},
          {"min_response_time", json(row.min_response_time)},
          {"max_response_time", json(row.max_response_time)},
          {"median_response_time", json(row.best_median_response_time)},
          {"avg_content_length", json(row.avg_content_length)},
          {"current_rps", row.current_rps},
          {"current_fail_per_sec", row.current_fail_per_sec},
          {"total_rps", row.total_rps},
          {"total_fail_per_sec", row.total_fail_per_sec},
          {"percentiles", std::move(times)},
          {"phases", phases_json(percentiles, phases)}};
}

Json total_entry_json(const RunView& view) {
  const StatsSummary& stats = view.snapshot->stats;
  Json total = entry_json(stats.total, stats.percentiles, view.total_phases);
  Json curve = Json::array();
  for (const auto& [percentile, ms] : view.curve) curve.push_back({percentile, ms});
  total["curve"] = std::move(curve);
  return total;
}

Json thresholds_json(const std::vector<Verdict>& verdicts) {
  Json list = Json::array();
  for (const Verdict& verdict : verdicts) {
    list.push_back({{"text", threshold_text(verdict.threshold)},
                    {"holds", verdict.holds},
                    {"measured", measured_text(verdict)},
                    {"margin", margin_text(verdict)},
                    {"two_digits", verdict.two_digits}});
  }
  return list;
}

Json run_info_json(const RunInfo& run) {
  return {{"id", run.id},
          {"start_time", json(run.start_time)},
          {"end_time", json(run.end_time)},
          {"host", json(run.host)},
          {"hosts", run.hosts},
          {"target_user_count", run.target_user_count},
          {"spawn_rate", run.spawn_rate},
          {"run_time", json(run.run_time)},
          {"shape", json(run.shape)}};
}

Json versions_json(const ViewVersions& versions) {
  return {{"entries", versions.entries},
          {"failures", versions.failures},
          {"exceptions", versions.exceptions},
          {"workers", versions.workers},
          {"logs", versions.logs},
          {"tasks", versions.tasks},
          {"history", versions.history},
          {"form", versions.form}};
}

Json tick(const RunView& view) {
  const Snapshot& snapshot = *view.snapshot;
  return {
      {"time", snapshot.time},
      {"state", snapshot.state},
      {"run", run_info_json(view.run)},
      {"user_count", snapshot.user_count},
      {"user_classes_count", Json(snapshot.user_classes_count)},
      {"worker_count", worker_count(snapshot)},
      {"expected_workers", view.expected_workers},
      {"total", entry_json(snapshot.stats.total, snapshot.stats.percentiles, view.total_phases)},
      {"thresholds", thresholds_json(view.thresholds)},
      {"warnings", view.warnings},
      {"versions", versions_json(view.versions)}};
}

Json entries(const RunView& view) {
  const StatsSummary& stats = view.snapshot->stats;
  Json rows = Json::array();
  for (std::size_t i = 0; i < stats.entries.size(); ++i) {
    rows.push_back(entry_json(stats.entries[i], stats.percentiles,
                              i < view.entry_phases.size() ? view.entry_phases[i] : PhaseTimes()));
  }
  return {{"version", view.versions.entries},
          {"percentiles", percents(stats.percentiles)},
          {"entries", std::move(rows)},
          {"total", total_entry_json(view)},
          {"two_digits", !stats.total.is_precise}};
}

Json exchange_json(const FailedExchange& exchange) {
  Json values = Json::array();
  for (const std::string& value : exchange.values) {
    // "json('/status') = 'closed'"
    const std::size_t end = value.find(" = ");
    values.push_back({{"what", value.substr(0, end)},
                      {"value", end == std::string::npos ? "" : value.substr(end + 3)}});
  }
  std::string response = exchange.response;
  while (response.ends_with('\n')) response.pop_back();
  if (!exchange.body.empty()) response += "\n\n" + exchange.body;
  return {{"request", exchange.request},
          {"response", std::move(response)},
          {"values", std::move(values)}};
}

Json failures(const RunView& view) {
  Json rows = Json::array();
  for (const auto& [key, error] : view.snapshot->stats.errors) {
    rows.push_back({{"method", error.method},
                    {"name", error.name},
                    {"error", error.error},
                    {"occurrences", error.occurrences},
                    {"first_seen", json(error.first_seen)},
                    {"last_seen", json(error.last_seen)},
                    {"exchange", error.exchange ? exchange_json(*error.exchange) : Json()}});
  }
  return {{"version", view.versions.failures}, {"failures", std::move(rows)}};
}

Json exceptions(const RunView& view) {
  Json rows = Json::array();
  for (const ExceptionView& exception : view.snapshot->exceptions) {
    rows.push_back({{"count", exception.count},
                    {"msg", exception.msg},
                    {"traceback", exception.traceback},
                    {"nodes", exception.nodes}});
  }
  return {{"version", view.versions.exceptions}, {"exceptions", std::move(rows)}};
}

Json workers(const RunView& view, const std::vector<WorkerView>& workers) {
  Json rows = Json::array();
  for (const WorkerView& worker : workers) {
    rows.push_back({{"id", worker.id},
                    {"index", worker.index},
                    {"state", worker.state},
                    {"user_count", worker.user_count},
                    {"cpu_usage", worker.cpu_usage},
                    {"memory_usage", worker.memory_usage},
                    {"loop_lag", json(worker.loop_lag_ms)},
                    {"clock_ahead", worker.clock_ahead},
                    {"native", worker.native},
                    {"limits", worker.limits}});
  }
  return {{"version", view.versions.workers}, {"workers", std::move(rows)}};
}

Json tasks(const RunView& view) {
  return {{"version", view.versions.tasks},
          {"per_class", tasks_json(view, TaskTotals::kPerClass)},
          {"total", tasks_json(view, TaskTotals::kTotal)}};
}

std::string_view kind_name(HistoryMarker::Kind kind) {
  switch (kind) {
    case HistoryMarker::Kind::kStart:
      return "start";
    case HistoryMarker::Kind::kEdit:
      return "edit";
    case HistoryMarker::Kind::kStop:
      return "stop";
    case HistoryMarker::Kind::kReset:
      return "reset";
    case HistoryMarker::Kind::kEnd:
      return "end";
  }
  return "";
}

Json history(const RunView& view, std::optional<double> after) {
  const HistoryView& history = view.history;
  const std::vector<double>& percentiles = view.snapshot->stats.percentiles;
  const bool complete = !after || *after < history.complete_since;
  Json columns = {{"time", Json::array()},
                  {"user_count", Json::array()},
                  {"requests", Json::array()},
                  {"failures", Json::array()},
                  {"average", Json::array()}};
  std::vector<Json> times(percentiles.size(), Json::array());
  Json cells = Json::array();
  for (const auto& point : history.points) {
    if (!complete && point->time <= *after) continue;
    columns["time"].push_back(point->time);
    columns["user_count"].push_back(point->user_count);
    columns["requests"].push_back(point->requests);
    columns["failures"].push_back(point->failures);
    columns["average"].push_back(json(point->average));
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i].push_back(i < point->percentiles.size() ? json(point->percentiles[i]) : Json());
    }
    cells.push_back(point->heat);
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    columns[std::string("p").append(percent_text(percentiles[i]))] = std::move(times[i]);
  }
  Json markers = Json::array();
  for (const HistoryMarker& marker : history.markers) {
    markers.push_back(
        {{"time", marker.time}, {"kind", kind_name(marker.kind)}, {"text", marker.text}});
  }
  return {{"version", view.versions.history},
          {"interval", history.interval},
          {"complete", complete},
          {"columns", std::move(columns)},
          {"markers", std::move(markers)},
          {"heat", {{"bounds", heat_bounds()}, {"cells", std::move(cells)}}}};
}

Json argument_json(const FormArgument& argument) {
  const char* type = "text";
  if (argument.type == FormArgument::Type::kNumber) type = "number";
  if (argument.type == FormArgument::Type::kBool) type = "bool";
  return {{"name", argument.name},
          {"default", argument.value},
          {"help", argument.help},
          {"choices", argument.choices.empty() ? Json() : Json(argument.choices)},
          {"secret", argument.secret},
          {"multiple", argument.multiple},
          {"type", type}};
}

std::string joined_hosts(const RunInfo& run) {
  std::string text;
  for (const std::string& host : run.hosts) text.append(text.empty() ? "" : ", ").append(host);
  return text;
}

Json parameters_json(const RunView& view) {
  Json list = Json::array();
  const auto add = [&list](std::string_view name, std::string value) {
    if (!value.empty()) list.push_back({{"name", name}, {"value", std::move(value)}});
  };
  add("Scenario", view.form.locustfile);
  add("Host", joined_hosts(view.run));
  add("Load shape", view.run.shape.value_or(""));
  add("Users", std::to_string(view.run.target_user_count));
  add("Spawn rate", float_repr(view.run.spawn_rate));
  add("Run time", view.run.run_time ? std::to_string(*view.run.run_time) + " s" : "");
  add("Profile", view.form.profile);
  for (const FormArgument& argument : view.form.arguments) {
    if (!argument.secret) add(argument.name, argument.value);
  }
  add("Version", version_text());
  return list;
}

}  // namespace

std::string refusal_json(const std::string& reason) {
  return text_of({{"success", false}, {"message", reason}});
}

std::string tick_json(const RunView& view) { return text_of(tick(view)); }
std::string entries_json(const RunView& view) { return text_of(entries(view)); }
std::string failures_json(const RunView& view) { return text_of(failures(view)); }
std::string exceptions_json(const RunView& view) { return text_of(exceptions(view)); }
std::string workers_json(const RunView& view) {
  return text_of(workers(view, view.snapshot->workers));
}
std::string api_tasks_json(const RunView& view) { return text_of(tasks(view)); }

std::string logs_json(const RunView& view, const std::vector<std::string>& master,
                      const WorkerLines& worker_lines) {
  return text_of(
      {{"version", view.versions.logs}, {"master", master}, {"workers", lines_json(worker_lines)}});
}

std::string history_json(const RunView& view, std::optional<double> after) {
  return text_of(history(view, after));
}

std::string form_json(const RunView& view, const LoginView& login) {
  const FormView& form = view.form;
  Json classes = Json::array();
  for (const ClassView& user_class : view.classes) {
    classes.push_back({{"name", user_class.name},
                       {"weight", user_class.weight},
                       {"fixed_count", user_class.fixed_count},
                       {"host", json(user_class.host)},
                       {"in_test", user_class.in_test}});
  }
  Json arguments = Json::array();
  for (const FormArgument& argument : form.arguments) {
    if (!argument.hidden) arguments.push_back(argument_json(argument));
  }
  const bool logged_in = !login.user.empty();
  return text_of({{"version", view.versions.form},
                  {"users", form.users},
                  {"spawn_rate", form.spawn_rate},
                  {"host", masked(form.host)},
                  {"run_time", form.run_time},
                  {"profile", form.profile},
                  {"class_picker", form.class_picker},
                  {"user_classes", std::move(classes)},
                  {"shapes", form.shapes},
                  {"shape", json(form.shape)},
                  {"use_common_options", form.use_common_options},
                  {"arguments", std::move(arguments)},
                  {"full_history", form.full_history},
                  {"version_text", version_text()},
                  {"login", {{"user", logged_in ? Json(login.user) : Json()}}},
                  {"csrf", logged_in ? Json(login.csrf) : Json()}});
}

std::string report_json(const RunView& view, const std::vector<std::string>& invalid_reasons) {
  Json last = tick(view);
  // The users of the test, of which none is left at its end.
  last["user_classes_count"] = Json(view.tasks_users);
  return text_of({{"kind", "report"},
                  {"version_text", version_text()},
                  {"created", view.snapshot->time},
                  {"tick", std::move(last)},
                  {"entries", entries(view)},
                  {"failures", failures(view)},
                  {"exceptions", exceptions(view)},
                  {"workers", workers(view, view.test_workers)},
                  {"tasks", tasks(view)},
                  {"history", history(view, std::nullopt)},
                  {"verdicts", thresholds_json(view.thresholds)},
                  {"parameters", parameters_json(view)},
                  {"invalid_reasons", invalid_reasons}});
}

}  // namespace locust::master::web
