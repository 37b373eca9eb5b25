// The routes of stock's web.py.
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/stats/csv.h"
#include "master/report/csv_files.h"
#include "master/web/api_json.h"
#include "master/web/http_text.h"
#include "master/web/routes_call.h"
#include "master/web/stock_json.h"
#include "master/web/swarm_form.h"
#include "master/web/user_settings.h"

namespace locust::master::web {
namespace {

constexpr std::string_view kCsv = "text/csv";
constexpr std::string_view kCsvFile = "text/csv; charset=utf-8";  // as Flask's send_file

}  // namespace

void Routes::swarm(const Call& call) {
  auto form = parse_swarm_form(call.form);
  if (!form) {
    log::main().error("{}", form.error());
    const std::string host = masked(view_->form.host);
    return call.respond(json_response(
        stock_swarm_json({.success = false,
                          .message = form.error(),
                          .host = host.empty() ? std::nullopt : std::optional(host)})));
  }
  control_.swarm(*std::move(form), [respond = call.respond](const SwarmReply& reply) {
    respond(json_response(stock_swarm_json(reply)));
  });
}

void Routes::stop(const Call& call) {
  control_.stop([respond = call.respond] { respond(json_response(stock_stop_json())); });
}

void Routes::reset_stats(const Call& call) {
  control_.reset_stats([respond = call.respond] { respond(html(200, "ok")); });
}

void Routes::answer_json(const Call& call, std::string (*write)(const RunView&)) {
  call.respond(body_response(kJson, shared(call, [&] { return write(*view_) + "\n"; })));
}

void Routes::answer_csv(const Call& call, std::string_view what,
                        const std::function<std::string()>& write) {
  call.respond(download(kCsv, what, shared(call, write)));
}

void Routes::stats_requests(const Call& call) { answer_json(call, stock_requests_json); }

void Routes::stats_requests_csv(const Call& call) {
  answer_csv(call, "_requests.csv",
             [this] { return requests_csv(view_->snapshot->stats, options_.csv_cells); });
}

void Routes::stats_failures_csv(const Call& call) {
  answer_csv(call, "_failures.csv",
             [this] { return failures_csv(view_->snapshot->stats, options_.csv_cells); });
}

void Routes::stats_full_history_csv(const Call& call) {
  if (!options_.history_file) {
    return call.respond(
        html(404, "Error: Server was not started with option to generate full history."));
  }
  Response response = download(kCsvFile, "_requests_full_history.csv", nullptr);
  response.file = options_.history_file;
  call.respond(std::move(response));
}

void Routes::stats_report(const Call& call) {
  Response response = page("report.html");
  if (response.status == 200) {
    response.body = shared(call, [this, page = response.body] {
      return filled_report(*page, report_json(*view_, view_->warnings));
    });
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    const std::string* wanted = find_field(call.query, "download");
    if (wanted != nullptr && !wanted->empty()) {
      response.headers.emplace_back("Content-Disposition", attachment(download_name(".html")));
    }
  }
  call.respond(std::move(response));
}

void Routes::exceptions(const Call& call) { answer_json(call, stock_exceptions_json); }

void Routes::exceptions_csv(const Call& call) {
  answer_csv(call, "_exceptions.csv",
             [this] { return master::exceptions_csv(*view_->snapshot, options_.csv_cells); });
}

void Routes::tasks(const Call& call) { answer_json(call, stock_tasks_json); }

// When the lines arrive, they are at least as new as the view, so they are stored under its
// version.
void Routes::answer_logs(const Call& call,
                         std::string (*write)(const RunView&, const std::vector<std::string>&,
                                              const WorkerLines&)) {
  const auto known = logs_.find(call.path);
  if (known != logs_.end() && known->second.first == view_->versions.logs) {
    return call.respond(body_response(kJson, known->second.second));
  }
  control_.worker_logs([this, write, path = call.path,
                        respond = call.respond](const WorkerLines& workers) {
    auto& [version, body] = logs_[path];
    if (!body || version != view_->versions.logs) {
      version = view_->versions.logs;
      body = std::make_shared<const std::string>(write(*view_, log::remembered().lines, workers) +
                                                 "\n");
    }
    respond(body_response(kJson, body));
  });
}

void Routes::logs(const Call& call) {
  answer_logs(call, [](const RunView&, const std::vector<std::string>& master,
                       const WorkerLines& workers) { return stock_logs_json(master, workers); });
}

void Routes::worker_count(const Call& call) { answer_json(call, stock_worker_count_json); }

void Routes::update_user(const Call& call) {
  // A page of another site may send other types without a preflight request of the browser.
  if (!is_media_type(call.request.header("content-type"), "application/json")) {
    return call.respond(html(415, "The Content-Type must be application/json"));
  }
  if (call.request.body.size() > kMaxSettingsBytes) {
    return call.respond(html(413, "More than 64 KiB of attributes"));
  }
  auto update = parse_user_settings(call.request.body);
  if (!update) return call.respond(html(400, update.error()));
  control_.update_user_class(
      *std::move(update), [respond = call.respond](const Result<void>& done) {
        respond(done ? json_response("{}", 201) : html(400, escape_html(done.error())));
      });
}

}  // namespace locust::master::web
