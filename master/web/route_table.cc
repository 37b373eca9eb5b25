// The routes of the web server: path, access rule, the text for the OpenAPI description, and the
// function that responds. A new row must be added to docs/api.md too.
#include <algorithm>
#include <array>
#include <iterator>

#include "master/web/operation.h"
#include "master/web/routes_call.h"

namespace locust::master::web {

struct Routes::Table {
  using enum Method;
  using enum Rule;
  static constexpr std::array kRoutes = {
      Route{{"/", kGet, kRead, kHtmlType, "The page"}, &Routes::index},
      Route{{"/swarm",
             kPost,
             kChange,
             kJsonType,
             "Starts a test, or changes the one that runs",
             {},
             Particulars::kSwarm},
            &Routes::swarm},
      // Stock accepts only POST from 2.47 on, only GET before.
      Route{{"/stop", kGet, kChange, kJsonType, "Ends the test; 405 with --web-login"},
            &Routes::stop},
      Route{{"/stop", kPost, kChange, kJsonType, "Ends the test"}, &Routes::stop},
      Route{
          {"/stats/reset", kGet, kChange, kHtmlType, "Resets the statistics; 405 with --web-login"},
          &Routes::reset_stats},
      Route{{"/stats/reset", kPost, kChange, kHtmlType, "Resets the statistics"},
            &Routes::reset_stats},
      Route{
          {"/stats/requests", kGet, kRead, kJsonType, "Statistics, workers and state, as stock's"},
          &Routes::stats_requests},
      Route{{"/stats/requests/csv", kGet, kRead, kCsvType, "The statistics as --csv writes them"},
            &Routes::stats_requests_csv},
      Route{{"/stats/failures/csv", kGet, kRead, kCsvType, "The failures as --csv writes them"},
            &Routes::stats_failures_csv},
      Route{{"/stats/requests_full_history/csv",
             kGet,
             kRead,
             kCsvType,
             "The history as --csv-full-history writes it; 404 without that option",
             {},
             Particulars::kFullHistory},
            &Routes::stats_full_history_csv},
      Route{{"/stats/report",
             kGet,
             kRead,
             kHtmlType,
             "The report, one self-contained file",
             {},
             Particulars::kReport},
            &Routes::stats_report},
      Route{{"/exceptions", kGet, kRead, kJsonType, "What tasks raised"}, &Routes::exceptions},
      Route{{"/exceptions/csv", kGet, kRead, kCsvType, "The same as --csv writes it"},
            &Routes::exceptions_csv},
      Route{{"/tasks", kGet, kRead, kJsonType, "Ratios of user classes and tasks"}, &Routes::tasks},
      Route{{"/logs", kGet, kRead, kJsonType, "The last lines of the logs of master and workers"},
            &Routes::logs},
      Route{{"/worker-count", kGet, kRead, kJsonType, "How many workers take part"},
            &Routes::worker_count},
      Route{{"/user",
             kPost,
             kChange,
             kJsonType,
             "Changes attributes of a user class",
             {},
             Particulars::kUser},
            &Routes::update_user},
      Route{{"/login", kGet, kOpen, kHtmlType, "The login form"}, &Routes::login},
      Route{{"/login",
             kPost,
             kOpen,
             kHtmlType,
             "Logs in; answers with a cookie",
             {},
             Particulars::kLogin},
            &Routes::login},
      Route{{"/logout", kPost, kChange, kHtmlType, "Logs out"}, &Routes::logout},
      Route{{"/api/v1/events", kGet, kRead, kEventsType,
             "Server-sent events; at once and every second a 'tick', whose data is a Tick"},
            &Routes::events},
      Route{{"/api/v1/entries", kGet, kRead, kJsonType, "Statistics by request name", "Entries"},
            &Routes::api_entries},
      Route{{"/api/v1/failures", kGet, kRead, kJsonType,
             "Failures, each with its first exchange if a native worker recorded it", "Failures"},
            &Routes::api_failures},
      Route{{"/api/v1/exceptions", kGet, kRead, kJsonType, "What tasks raised", "Exceptions"},
            &Routes::api_exceptions},
      Route{
          {"/api/v1/workers", kGet, kRead, kJsonType, "Workers and their measurements", "Workers"},
          &Routes::api_workers},
      Route{{"/api/v1/logs", kGet, kRead, kJsonType, "The last lines of the logs", "Logs"},
            &Routes::api_logs},
      Route{{"/api/v1/tasks", kGet, kRead, kJsonType, "Ratios of user classes and tasks", "Tasks"},
            &Routes::api_tasks},
      Route{{"/api/v1/history", kGet, kRead, kJsonType,
             "The test second by second, for charts and the heat map", "History",
             Particulars::kHistory},
            &Routes::api_history},
      Route{{"/api/v1/form", kGet, kRead, kJsonType,
             "Initial values of the form that starts a test", "Form"},
            &Routes::api_form},
      Route{{"/api/v1/run.json", kGet, kRead, kJsonType,
             "All of it as one file, for locust-master --compare", "Report"},
            &Routes::api_run},
      Route{{"/api/v1/openapi.json", kGet, kRead, kJsonType, "This description"}, &Routes::openapi},
      Route{{"/metrics", kGet, kRead, kTextType, "Prometheus' text format"}, &Routes::metrics},
      Route{{"/healthz", kGet, kProbe, kTextType, "200: the master runs"}, &Routes::healthz},
      Route{{"/readyz",
             kGet,
             kProbe,
             kTextType,
             "200: the expected workers are connected; else 503",
             {},
             Particulars::kReadyz},
            &Routes::readyz},
  };
};

std::span<const Routes::Route> Routes::table() { return Table::kRoutes; }

std::vector<Operation> Routes::operations() {
  std::vector<Operation> operations;
  std::transform(table().begin(), table().end(), std::back_inserter(operations),
                 [](const Route& route) { return route.operation; });
  return operations;
}

}  // namespace locust::master::web
