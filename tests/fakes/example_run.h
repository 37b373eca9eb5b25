// ExampleRun: the page's data of a test with one request name, to be modified before use.
#pragma once

#include <memory>
#include <utility>

#include "common/stats/stats_summary.h"
#include "master/report/run_view.h"

namespace locust::fakes {

struct ExampleRun {
  static constexpr double kBegin = 1'700'000'000;
  master::Snapshot snapshot{};
  master::RunView view;

  ExampleRun() {
    RequestStats stats(kBegin);
    for (const double ms : {10.0, 20.0, 30.0}) stats.log_request(kBegin, "GET", "/a", ms, 100);
    stats.log_error(kBegin, "GET", "/a", "oops");
    snapshot.time = kBegin + 2;
    snapshot.start_time = kBegin;
    snapshot.state = "running";
    snapshot.user_count = 7;
    snapshot.user_classes_count = {{"Shop", 7}};
    snapshot.workers.push_back({.id = "w_1",
                                .index = 0,
                                .state = "running",
                                .user_count = 7,
                                .cpu_usage = 12.5,
                                .memory_usage = 1 << 20,
                                .clock_ahead = 0,
                                .native = true,
                                .loop_lag_ms = 1.5,
                                .limits = {"cpu"}});
    snapshot.workers.push_back({.id = "w_2",
                                .index = 1,
                                .state = "missing",
                                .user_count = 0,
                                .cpu_usage = 0,
                                .memory_usage = 0,
                                .clock_ahead = 0});
    snapshot.stats = summarize(stats, snapshot.time, {0.5, 0.999});
    for (StatsRow* row : {&snapshot.stats.entries[0], &snapshot.stats.total}) {
      row->is_precise = true;
      row->chosen = {{20, 21}, {30.5, std::nullopt}};
    }
    snapshot.stats.errors[0].second.exchange =
        std::make_shared<FailedExchange>(FailedExchange{.request = "GET /a",
                                                        .response = "HTTP 200",
                                                        .body = "{}",
                                                        .values = {"json('/s') = 'closed'"}});
    snapshot.exceptions.push_back(
        {.msg = "m", .traceback = "t", .count = 2, .nodes = {"w_1", "w_2"}});

    view.run = {.id = 3, .start_time = kBegin, .host = "http://target", .target_user_count = 10};
    view.expected_workers = 2;
    view.classes.push_back({.name = "Shop", .tasks = {{"browse", 0.75, {}}, {"buy", 0.25, {}}}});
    view.tasks_users = {{"Shop", 7}};
    view.entry_phases.push_back({.dns = {}, .connect = {2, 3}, .tls = {}, .first_byte = {}});
    view.curve = {{50, 20}};
    view.metric_bounds = {15, 25};
    view.metrics.push_back({.method = "GET",
                            .name = "/a",
                            .num_requests = 3,
                            .num_failures = 1,
                            .total_response_time = 60,
                            .time_counts = {1, 1, 1}});
    view.metrics_total = view.metrics[0];
    for (int i = 1; i <= 2; ++i) {
      master::HistoryPoint point{.time = kBegin + i, .user_count = 7};
      point.percentiles = {20, i == 1 ? std::optional(40.0) : std::nullopt};
      view.history.points.push_back(std::make_shared<const master::HistoryPoint>(std::move(point)));
    }
    view.history.markers.push_back({kBegin, master::HistoryMarker::Kind::kStart, "begin"});
    view.history.complete_since = kBegin;
    view.form.users = 10;
    view.form.host = "http://target";
    view.form.locustfile = "shop.yaml";
    view.form.arguments = {{.name = "pages",
                            .value = "5",
                            .help = "how many",
                            .type = master::FormArgument::Type::kNumber,
                            .choices = {"5", "10"}},
                           {.name = "key", .value = "", .help = "", .secret = true}};
  }

  master::RunViewPtr frozen() {
    view.snapshot = std::make_shared<const master::Snapshot>(snapshot);
    return std::make_shared<const master::RunView>(view);
  }
};

}  // namespace locust::fakes
