#include "master/run/web_front.h"

#include <utility>

#include "common/base/log.h"

namespace locust::master {
namespace {

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Result<std::unique_ptr<web::Access>> access_of(const WebOptions& options, int port) {
  if (!options.login) return std::unique_ptr<web::Access>();
  auto users = web::login_users(options.users_file);
  if (!users) return Error{users.error()};
  return std::make_unique<web::Access>(system_clock(), *std::move(users), port);
}

// Other options may also contain a name of the page.
web::OriginCheck origins_of(const WebOptions& options) {
  web::OriginCheck origins(options.allowed_hosts);
  origins.allow(options.host);
  if (options.host_display_name) origins.allow(*options.host_display_name);
  return origins;
}

}  // namespace

std::string web_url(const WebOptions& options, int port) {
  const bool all_interfaces = options.host == "*" || options.host.empty();
  if (all_interfaces && options.host_display_name) return *options.host_display_name;
  std::string host = all_interfaces ? "0.0.0.0" : options.host;
  if (host.find(':') != std::string::npos) host = '[' + host + ']';  // an address of IPv6
  return std::string(options.tls_cert ? "https" : "http") + "://" + host + ":" +
         std::to_string(port) + options.base_path;
}

Result<std::unique_ptr<WebFront>> WebFront::listen(EventLoop& loop, Master& master,
                                                   RunController& run, RunRecorder& recorder,
                                                   const MasterOptions& options) {
  web::ServerOptions server_options{.host = options.web.host, .port = options.web.port};
  if (options.web.tls_cert) {
    server_options.tls = web::TlsFiles{*options.web.tls_cert, *options.web.tls_key};
  }
  auto server = web::HttpServer::listen(server_options);
  if (!server) return Error{server.error()};
  auto access = access_of(options.web, (*server)->port());
  if (!access) return Error{access.error()};
  web::RouteOptions routes{.base_path = options.web.base_path,
                           .origins = origins_of(options.web),
                           .csv_cells = options.report.csv_cells(),
                           .assets = web::embedded_assets()};
  if (options.report.csv_prefix && options.report.csv_full_history) {
    routes.history_file = *options.report.csv_prefix + "_stats_history.csv";
  }
  return std::unique_ptr<WebFront>(new WebFront(loop, master, run, recorder, *std::move(server),
                                                *std::move(access), std::move(routes)));
}

WebFront::WebFront(EventLoop& loop, Master& master, RunController& run, RunRecorder& recorder,
                   std::unique_ptr<web::HttpServer> server, std::unique_ptr<web::Access> access,
                   web::RouteOptions options)
    : loop_(loop),
      master_(master),
      run_(run),
      recorder_(recorder),
      access_(std::move(access)),
      routes_(std::move(options), *this, access_.get()),
      server_(std::move(server)) {}

void WebFront::begin() {
  server_->start(
      [this](web::Request request, web::Respond respond) { routes_.handle(request, respond); });
}

WebFront::~WebFront() { loop_.cancel(view_timer_); }

void WebFront::show(const SnapshotPtr& snapshot) {
  loop_.cancel(std::exchange(view_timer_, 0));
  shown_ = loop_.clock().now();
  server_->post([this, view = recorder_.view(snapshot, run_.verdicts(), run_.form()),
                 replies = std::exchange(replies_, {})] {
    server_->publish(routes_.show(view), [this](const std::string& stream_owner) {
      return routes_.may_read(stream_owner);
    });
    for (const auto& reply : replies) reply();
  });
}

// A client that has changed something gets the change with its next request.
void WebFront::reply_after_view(std::function<void()> reply) {
  replies_.push_back(std::move(reply));
  if (view_timer_ != 0) return;
  view_timer_ = loop_.call_at(shown_ + kViewInterval, [this] {
    view_timer_ = 0;
    const SnapshotPtr snapshot = master_.snapshot();
    recorder_.see(*snapshot, run_.plan());
    show(snapshot);
  });
}

// Each of these does its work on the control thread and replies on the server's thread.

void WebFront::swarm(web::SwarmForm form, std::function<void(web::SwarmReply)> reply) {
  loop_.post([this, form = std::move(form), reply = std::move(reply)] {
    const bool edits = master_.in_test();
    web::SwarmReply answer = run_.request({.by = Requester::kForm, .form = form});
    const bool changed = answer.success;
    if (edits && changed) recorder_.note_edit(master_.clock().wall_time());
    auto send = [reply, answer = std::move(answer)] { reply(answer); };
    if (!changed) return server_->post(std::move(send));
    reply_after_view(std::move(send));
  });
}

void WebFront::stop(std::function<void()> reply) {
  loop_.post([this, reply = std::move(reply)] {
    run_.stop();
    reply_after_view(reply);
  });
}

void WebFront::reset_stats(std::function<void()> reply) {
  loop_.post([this, reply = std::move(reply)] {
    run_.reset_stats();
    reply_after_view(reply);
  });
}

void WebFront::update_user_class(proto::UpdateUserClass update,
                                 std::function<void(Result<void>)> reply) {
  loop_.post([this, update = std::move(update), reply = std::move(reply)] {
    Result<void> done = run_.update_user_class(update);
    const bool changed = done.ok();
    auto send = [reply, done = std::move(done)] { reply(done); };
    if (!changed) return server_->post(std::move(send));
    reply_after_view(std::move(send));
  });
}

void WebFront::worker_logs(std::function<void(web::WorkerLines)> reply) {
  loop_.post([this, reply = std::move(reply)] {
    server_->post([reply, lines = master_.worker_logs().all()] { reply(lines); });
  });
}

}  // namespace locust::master
