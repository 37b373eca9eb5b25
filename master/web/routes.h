// Routes: the responses of the web server by path. Stock's API (web.py of 2.47) with its methods,
// fields, status codes and file names; /api/v1, /metrics, /healthz and /readyz are our own. Reads
// only the last RunView; commands go through RunControl.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/log_limiter.h"
#include "common/stats/csv.h"
#include "master/report/run_view.h"
#include "master/web/access.h"
#include "master/web/assets.h"
#include "master/web/http.h"
#include "master/web/operation.h"
#include "master/web/origin_check.h"
#include "master/web/run_control.h"

namespace locust::master::web {

struct RouteOptions {
  std::string base_path;                                   // --web-base-path: "" or "/locust"
  OriginCheck origins{};                                   // --web-allowed-hosts
  std::optional<std::string> history_file = std::nullopt;  // of --csv-full-history
  CsvCells csv_cells = CsvCells::kRaw;                     // --csv-safe
  std::span<const Asset> assets = {};
};

// Used on the server's thread. `control` and `access` must outlive it; `access` is null without
// --web-login.
class Routes final {
 public:
  Routes(RouteOptions options, RunControl& control, Access* access);

  // Call once before the first request, and then once a second. Returns the event for the streams
  // of /api/v1/events.
  Text show(RunViewPtr view);
  void handle(const Request& request, const Respond& respond);
  // Whether the stream of this owner may continue: its session has not ended.
  bool may_read(const std::string& stream_owner) const;

  // All operations except the assets, with and without --web-login: the table in route_table.cc.
  static std::vector<Operation> operations();

 private:
  struct Call;
  struct Route;
  struct Table;
  static std::span<const Route> table();
  static std::string allowed_methods(const std::vector<const Route*>& routes);

  std::vector<const Route*> offered(std::string_view path) const;
  void answer(const Request& request, std::string_view path, const Respond& respond);
  std::optional<std::string> foreign(const Request& request, Rule rule);
  std::optional<Response> denial(Rule rule, const Call& call) const;
  Response redirect(int status, std::string_view path) const;
  std::string download_name(std::string_view what) const;
  Response download(std::string_view type, std::string_view what, Text body) const;
  Response page(std::string_view name);
  Response asset(const Request& request, std::string_view path);
  Text asset_body(const Asset& asset, bool compressed);
  Response login_page(const Request& request, std::string_view error);
  std::string cookie(const Request& request, std::string_view name, std::string_view value) const;
  // The result of `make`, shared by all requests for the path and the variant, if any, until the
  // next view: large responses may have many slow readers, but there are few different ones.
  template <typename Make>
  Text shared(const Call& call, Make make, std::string variant = {});
  void answer_json(const Call& call, std::string (*write)(const RunView& view));
  void answer_csv(const Call& call, std::string_view what,
                  const std::function<std::string()>& write);
  void answer_logs(const Call& call,
                   std::string (*write)(const RunView& view, const std::vector<std::string>& master,
                                        const WorkerLines& workers));

  // Stock's.
  void index(const Call& call);
  void swarm(const Call& call);
  void stop(const Call& call);
  void reset_stats(const Call& call);
  void stats_requests(const Call& call);
  void stats_requests_csv(const Call& call);
  void stats_failures_csv(const Call& call);
  void stats_full_history_csv(const Call& call);
  void stats_report(const Call& call);
  void exceptions(const Call& call);
  void exceptions_csv(const Call& call);
  void tasks(const Call& call);
  void logs(const Call& call);
  void worker_count(const Call& call);
  void update_user(const Call& call);
  void login(const Call& call);
  void logout(const Call& call);
  // Ours.
  void events(const Call& call);
  void api_entries(const Call& call);
  void api_failures(const Call& call);
  void api_exceptions(const Call& call);
  void api_workers(const Call& call);
  void api_logs(const Call& call);
  void api_tasks(const Call& call);
  void api_history(const Call& call);
  void api_form(const Call& call);
  void api_run(const Call& call);
  void openapi(const Call& call);
  void metrics(const Call& call);
  void healthz(const Call& call);
  void readyz(const Call& call);

  const RouteOptions options_;
  RunControl& control_;
  Access* const access_;
  LogLimiter refusals_logged_;
  RunViewPtr view_;
  Text tick_;  // the event
  struct Shared {
    std::string variant;
    Text body;
  };
  std::map<std::string_view, Shared> shared_;  // by the path of the route
  // The responses with all logs, by that path, and the version of these logs.
  std::map<std::string_view, std::pair<std::uint64_t, Text>> logs_;
  // Bodies of the page's files, by their paths and whether they are compressed.
  std::map<std::pair<std::string_view, bool>, Text> asset_bodies_;
};

}  // namespace locust::master::web
