// A RunView of a test with one request name, for the routes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "common/stats_summary.h"
#include "master/report/run_view.h"
#include "master/web/http_text.h"

namespace locust::master::web {

class ViewTest : public testing::Test {
 protected:
  ViewTest() {
    RequestStats stats(kBegin);
    for (const double ms : {10.0, 20.0, 30.0}) stats.log_request(kBegin, "GET", "/a", ms, 100);
    stats.log_error(kBegin, "GET", "/a", "oops");
    snapshot_.time = kBegin + 2;
    snapshot_.start_time = kBegin;
    snapshot_.state = "running";
    snapshot_.user_count = 7;
    snapshot_.user_classes_count = {{"Shop", 7}};
    snapshot_.workers.push_back({.id = "w_1",
                                 .index = 0,
                                 .state = "running",
                                 .user_count = 7,
                                 .cpu_usage = 12.5,
                                 .memory_usage = 1 << 20,
                                 .clock_ahead = 0,
                                 .native = true,
                                 .loop_lag_ms = 1.5,
                                 .limits = {"cpu"}});
    snapshot_.workers.push_back({.id = "w_2",
                                 .index = 1,
                                 .state = "missing",
                                 .user_count = 0,
                                 .cpu_usage = 0,
                                 .memory_usage = 0,
                                 .clock_ahead = 0});
    snapshot_.stats = summarize(stats, snapshot_.time, {0.5, 0.999});
    for (StatsRow* row : {&snapshot_.stats.entries[0], &snapshot_.stats.total}) {
      row->is_precise = true;
      row->chosen = {{20, 21}, {30.5, std::nullopt}};
    }
    snapshot_.stats.errors[0].second.exchange =
        std::make_shared<FailedExchange>(FailedExchange{.request = "GET /a",
                                                        .response = "HTTP 200",
                                                        .body = "{}",
                                                        .values = {"json('/s') = 'closed'"}});
    snapshot_.exceptions.push_back(
        {.msg = "m", .traceback = "t", .count = 2, .nodes = {"w_1", "w_2"}});

    view_.run = {.id = 3, .start_time = kBegin, .host = "http://target", .target_user_count = 10};
    view_.expected_workers = 2;
    view_.classes.push_back({.name = "Shop", .tasks = {{"browse", 0.75, {}}, {"buy", 0.25, {}}}});
    view_.tasks_users = {{"Shop", 7}};
    view_.entry_phases.push_back({.dns = {}, .connect = {2, 3}, .tls = {}, .first_byte = {}});
    view_.curve = {{50, 20}};
    view_.metric_bounds = {15, 25};
    view_.metrics.push_back({.method = "GET",
                             .name = "/a",
                             .num_requests = 3,
                             .num_failures = 1,
                             .total_response_time = 60,
                             .time_counts = {1, 1, 1}});
    view_.metrics_total = view_.metrics[0];
    for (int i = 1; i <= 2; ++i) {
      HistoryPoint point{.time = kBegin + i, .user_count = 7};
      point.percentiles = {20, i == 1 ? std::optional(40.0) : std::nullopt};
      view_.history.points.push_back(std::make_shared<const HistoryPoint>(std::move(point)));
    }
    view_.history.markers.push_back({kBegin, HistoryMarker::Kind::kStart, "begin"});
    view_.history.complete_since = kBegin;
    view_.form.users = 10;
    view_.form.host = "http://target";
    view_.form.locustfile = "shop.yaml";
    view_.form.arguments = {
        {.name = "pages", .value = "5", .help = "how many", .type = FormArgument::Type::kNumber},
        {.name = "key", .value = "", .help = "", .secret = true}};
  }

  RunViewPtr view() {
    view_.snapshot = std::make_shared<const Snapshot>(snapshot_);
    return std::make_shared<const RunView>(view_);
  }

  static constexpr double kBegin = 1'700'000'000;
  Snapshot snapshot_{};
  RunView view_;
};

}  // namespace locust::master::web
