// The native routes.
#include <charconv>
#include <utility>

#include "common/base/number.h"
#include "master/web/api_json.h"
#include "master/web/http_text.h"
#include "master/web/metrics.h"
#include "master/web/openapi.h"
#include "master/web/routes_call.h"
#include "master/web/stock_json.h"

namespace locust::master::web {

void Routes::events(const Call& call) {
  Response response = text_response(200, "text/event-stream", "retry: 2000\n\n" + *tick_);
  response.stream = true;
  if (call.session != nullptr) response.stream_owner = call.session->token;
  // A proxy must not buffer events.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  call.respond(std::move(response));
}

void Routes::api_entries(const Call& call) { answer_json(call, entries_json); }

void Routes::api_failures(const Call& call) { answer_json(call, failures_json); }

void Routes::api_exceptions(const Call& call) { answer_json(call, exceptions_json); }

void Routes::api_workers(const Call& call) { answer_json(call, workers_json); }

void Routes::api_logs(const Call& call) { answer_logs(call, logs_json); }

void Routes::api_tasks(const Call& call) { answer_json(call, api_tasks_json); }

void Routes::api_history(const Call& call) {
  std::optional<double> after;
  const std::string* text = find_field(call.query, "after");
  if (text != nullptr && !text->empty()) {
    double time = 0;
    const auto [rest, ec] = std::from_chars(text->data(), text->data() + text->size(), time);
    if (ec != std::errc{} || rest != text->data() + text->size()) {
      return call.respond(html(400, "after: not a number of seconds since the epoch"));
    }
    after = time;
  }
  call.respond(body_response(kJson, shared(
                                        call, [&] { return history_json(*view_, after) + "\n"; },
                                        after ? float_repr(*after) : "")));
}

void Routes::api_form(const Call& call) {
  LoginView login;
  if (call.session != nullptr) login = {call.session->user, call.session->csrf};
  call.respond(json_response(form_json(*view_, login)));
}

void Routes::api_run(const Call& call) {
  call.respond(download(kJson, "_run.json", shared(call, [this] {
                          return report_json(*view_, view_->warnings) + "\n";
                        })));
}

void Routes::openapi(const Call& call) {
  call.respond(body_response(kJson, shared(call, [this] {
                               return openapi_json(operations(), access_ == nullptr
                                                                     ? "locust_session"
                                                                     : access_->session_cookie()) +
                                      "\n";
                             })));
}

void Routes::metrics(const Call& call) {
  call.respond(body_response(kMetricsType, shared(call, [this] { return metrics_text(*view_); })));
}

void Routes::healthz(const Call& call) {
  call.respond(text_response(200, "text/plain; charset=utf-8", "ok\n"));
}

void Routes::readyz(const Call& call) {
  const std::size_t workers = web::worker_count(*view_->snapshot);
  if (workers >= view_->expected_workers) {
    return call.respond(text_response(200, "text/plain; charset=utf-8", "ready\n"));
  }
  call.respond(text_response(503, "text/plain; charset=utf-8",
                             std::to_string(workers) + " of " +
                                 std::to_string(view_->expected_workers) +
                                 " workers are connected\n"));
}

}  // namespace locust::master::web
