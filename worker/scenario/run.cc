#include "worker/scenario/run.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "common/scenario/base_url.h"
#include "worker/http/header_name.h"
#include "worker/scenario/describe.h"
#include "worker/scenario/request_settings.h"

namespace locust::worker {
namespace {

// Headers is HeaderPlans or HeaderChanges.
template <typename Headers>
bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return same_name(header.name, name); });
}

HeaderChange evaluated(const HeaderPlan& header, const EvalContext& context) {
  HeaderChange change{.name = header.name, .value = std::nullopt};
  if (header.value) change.value = header.value->render(context);
  return change;
}

}  // namespace

ScenarioUser::ScenarioUser(const UserEnvironment& environment, const UserClassPlan& plan,
                           const TaskList& tasks, const Scenario& scenario,
                           ScenarioRuntime& runtime)
    : User(environment, tasks), plan_(plan), scenario_(scenario), runtime_(runtime) {
  if (plan.spec->cache) client().use_cache();
  if (plan.spec->iterations > 0 && !runs_each_task_once()) {
    limit_iterations(static_cast<std::uint64_t>(plan.spec->iterations));
  }
}

EvalContext ScenarioUser::context() {
  return {.runtime = runtime_,
          .clock = &clock(),
          .rng = &rng(),
          .variables = variables_,
          .exchange = &client().exchange(),
          .serial = serial_,
          .failure = failure_,
          .pacing = nullptr,
          .user_id = user_id(),
          .iteration = iteration()};
}

void ScenarioUser::fail(SourcePos pos, const std::string& message) const {
  const std::string& file = scenario_.files[static_cast<std::size_t>(pos.file)];
  throw TaskError(message, "  File \"" + file + "\", line " + std::to_string(pos.line) + ", in " +
                               class_name() + "\n");
}

Duration ScenarioUser::wait_time(const WaitInput& in) {
  return plan_.spec->wait_time ? wait_time(*plan_.spec->wait_time, in) : Duration::zero();
}

Duration ScenarioUser::wait_time(const SourceExpr& expression, const WaitInput& in) {
  EvalContext at = context();
  at.pacing = &in.pacing;
  try {
    const Duration asked = to_duration(evaluate(*expression.root, at), "wait_time");
    return runtime_.trace == nullptr ? asked : runtime_.trace->wait_time(asked);
  } catch (const ExprFailure& e) {
    fail(expression.pos, e.what());
  }
}

void ScenarioUser::run_part(std::string_view name, const StepPlans& steps, PartKind kind) {
  if (runtime_.trace != nullptr && !steps.empty()) {
    runtime_.trace->begin(class_name(), name, kind);
  }
  run_steps(steps);
}

Flow ScenarioUser::run_steps(const StepPlans& steps) {
  for (const StepPlan& step : steps) {
    count_step();
    if (runtime_.trace != nullptr) runtime_.trace->step(step);
    Flow flow = Flow::kNext;
    try {
      flow = std::visit(
          [this](const auto& action) {
            if constexpr (std::is_same_v<decltype(run_step(action)), Flow>) {
              return run_step(action);
            } else {
              run_step(action);
              return Flow::kNext;
            }
          },
          step.action);
    } catch (const TaskError&) {
      throw;
    } catch (const std::runtime_error& e) {
      fail(step.pos, e.what());
    }
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

void ScenarioUser::run_step(const SetPlan& set) {
  for (const SetPlan::Assignment& assignment : set.assignments) {
    assign(assignment.slot, assignment.value.evaluate(context()));
  }
}

void ScenarioUser::run_step(const HeadersPlan& headers) {
  for (const HeaderPlan& header : headers.headers) {
    HeaderChange change = evaluated(header, context());
    std::erase_if(session_headers_,
                  [&](const HeaderChange& old) { return same_name(old.name, change.name); });
    session_headers_.push_back(std::move(change));
  }
}

// Ends the user too, so that it does nothing until the stop arrives.
void ScenarioUser::run_step(const StopTestPlan&) {
  if (runtime_.stop_test) runtime_.stop_test();
  throw StopUser{};
}

void ScenarioUser::run_step(const CookiesPlan& cookies) {
  std::vector<HttpCookie> changes;
  for (const HeaderPlan& cookie : cookies.cookies) {
    const HeaderChange change = evaluated(cookie, context());
    changes.push_back({change.name, change.value});
    require_valid_cookie(changes.back());
  }
  client().change_cookies(changes);
}

void ScenarioUser::run_step(const WaitPlan& wait) {
  if (wait.seconds == nullptr) return wait_for(runtime_.all_spawned);
  const Duration asked = to_duration(evaluate(*wait.seconds, context()), "'wait'");
  sleep(runtime_.trace == nullptr ? asked : runtime_.trace->wait(asked));
}

Flow ScenarioUser::run_step(const RequestPlan& request) {
  send(request);
  return follow(request);
}

Flow ScenarioUser::follow(const RequestPlan& request) {
  const bool has_after = !request.after.empty() || (!plan_.after.empty() && !in_after());
  return has_after ? run_after(request) : Flow::kNext;
}

void ScenarioUser::run_step(const FeedPlan& feed) {
  ExprValue row;
  if (!feed.feeder->next(rng(), row)) {
    note([&] { return "no row is left of " + feed.feeder->spec().name; });
    throw StopUser{};
  }
  assign(feed.feeder->spec().slot, std::move(row));
}

void ScenarioUser::run_step(const AddPlan& add) {
  for (const AddPlan::Row& row : add.rows) row.feeder->add(row.columns.evaluate(context()));
}

void ScenarioUser::send(const RequestPlan& request) {
  RequestOptions request_options = options(request);
  std::string rendered;
  if (!request.constant_url) rendered = request_url(request, context());
  const std::string& url = request.constant_url ? *request.constant_url : rendered;
  if (client().base_url().empty() && !is_absolute_url(url)) pause_of_unsendable();
  client().send(request.method, url, std::move(request_options));
  const bool unsendable = is_unsendable();
  conclude(request);
  if (unsendable) pause_of_unsendable();
}

// Whether there is no response because the URL is invalid.
bool ScenarioUser::is_unsendable() {
  const Exchange& exchange = client().exchange();
  return exchange.response.failed() && base_url_problem(exchange.request.url);
}

// Pauses after a URL that turns out at run time to be invalid: every attempt fails immediately, so
// the user would run in a busy loop.
void ScenarioUser::pause_of_unsendable() {
  constexpr Duration kPause = std::chrono::seconds(1);
  if (runtime_.trace == nullptr) sleep(kPause);
}

void ScenarioUser::conclude(const RequestPlan& request) {
  serial_ = runtime_.next_serial();
  failure_ = client().default_failure();
  if (runtime_.trace != nullptr) runtime_.trace->responded(client().exchange());
  try {
    failure_ = judge(request);
  } catch (const ExprFailure& e) {
    if (failure_.empty()) failure_ = e.what();
    finish(request);
    throw;
  }
  finish(request);
}

// Counts the request with its verdict.
void ScenarioUser::finish(const RequestPlan& request) {
  if (runtime_.trace != nullptr) runtime_.trace->judged(request, client().name(), failure_);
  if (failure_.empty()) {
    client().finish({});
    return;
  }
  client().finish(failure_, [&](FailedExchange& exchange) { complete(exchange); });
  if (transaction_failure_ != nullptr && transaction_failure_->empty()) {
    *transaction_failure_ = request.method + " " + client().name() + ": " + failure_;
  }
}

// Adds the values of the failed check to the evidence.
void ScenarioUser::complete(FailedExchange& exchange) {
  if (failed_check_ != nullptr) exchange.values = describe_values(*failed_check_, context());
}

RequestOptions ScenarioUser::options(const RequestPlan& request) {
  RequestOptions options;
  options.name = request.name ? request.name->render(context()) : request.default_name;
  options.headers = request_headers(request);
  if (plan_.settings || request.settings) {
    apply_settings(plan_.settings.get(), request.settings.get(), context(), options);
  }
  if (!plan_.source_ips.empty()) {
    options.route.source_ip = plan_.source_ips[user_id() % plan_.source_ips.size()];
  }
  options.keep_body = request.keep_body;
  options.keep_headers = request.keep_headers;
  options.keep_begin = runtime_.trace != nullptr;
  options.record = request.record;
  add_body(request, options);
  return options;
}

// The headers and `auth` of the class, the changes by `headers` steps, and the headers and `auth`
// of the request: each overrides those before it. Overridden values are not evaluated.
HeaderChanges ScenarioUser::request_headers(const RequestPlan& request) {
  HeaderChanges changes;
  for (const HeaderPlan& header : plan_.headers) {
    if (has(session_headers_, header.name) || has(request.headers, header.name)) continue;
    changes.push_back(evaluated(header, context()));
  }
  const bool own_auth = request.settings && request.settings->auth;
  if (plan_.settings && plan_.settings->auth && !own_auth &&
      !has(session_headers_, kAuthorization) && !has(request.headers, kAuthorization)) {
    add_authorization(*plan_.settings->auth, context(), changes);
  }
  for (const HeaderChange& change : session_headers_) {
    if (!has(request.headers, change.name)) changes.push_back(change);
  }
  for (const HeaderPlan& header : request.headers) changes.push_back(evaluated(header, context()));
  if (own_auth) add_authorization(*request.settings->auth, context(), changes);
  return changes;
}

// Content types are those of newest FastHttpUser (geventhttpclient's _make_request).
void ScenarioUser::add_body(const RequestPlan& request, RequestOptions& options) {
  std::string_view type;
  if (const auto* json = std::get_if<CompiledJson>(&request.body)) {
    json->append(context(), options.json.emplace());
  } else if (const auto* form = std::get_if<CompiledFields>(&request.body)) {
    form->append(context(), options.body);
    type = "application/x-www-form-urlencoded; charset=utf-8";
  } else if (const auto* text = std::get_if<CompiledText>(&request.body)) {
    text->append(context(), options.body);
    type = "text/plain; charset=utf-8";
  } else if (const auto* file = std::get_if<CompiledFile>(&request.body)) {
    options.body_parts.push_back({.file = file->path(context())});
    type = "application/octet-stream";
  } else if (const auto* multipart = std::get_if<CompiledMultipart>(&request.body)) {
    const std::string boundary = new_boundary(rng());
    options.body_parts = multipart->body(context(), boundary);
    if (!has(options.headers, "Content-Type")) {
      options.headers.push_back(
          {.name = "Content-Type", .value = "multipart/form-data; boundary=" + boundary});
    }
    return;
  }
  const bool has_body = !options.body.empty() || !options.body_parts.empty();
  if (!has_body || has(options.headers, "Content-Type")) return;
  options.headers.push_back({.name = "Content-Type", .value = std::string(type)});
}

std::string ScenarioUser::judge(const RequestPlan& request) {
  const HttpResponse& response = client().exchange().response;
  failed_check_ = nullptr;
  const std::string check_failure = check(request);
  const std::string save_failure = save(request);
  const bool status_is_checked = request.status_is_checked || plan_.status_is_checked;
  const bool is_accepted = status_is_checked && check_failure.empty() && response.status == 0;
  if (response.failed() && !is_accepted) return std::move(failure_);
  if (!status_is_checked && !failure_.empty()) return std::move(failure_);
  return check_failure.empty() ? save_failure : check_failure;
}

std::string ScenarioUser::check(const RequestPlan& request) {
  for (const auto* checks : {&plan_.checks, &request.checks}) {
    for (const CheckPlan& check : *checks) {
      const bool holds = evaluate(*check.condition, context()).truthy();
      if (runtime_.trace != nullptr) runtime_.trace->checked(check, holds, context());
      if (holds) continue;
      failed_check_ = check.condition;
      if (!check.with_status) return check.failure;
      const int status = client().exchange().response.status;
      return check.failure + " (status: " + std::to_string(status) + ")";
    }
  }
  return {};
}

std::string ScenarioUser::save(const RequestPlan& request) {
  std::string failure;
  for (const SavePlan& save : request.saves) {
    ExprValue value = evaluate(*save.value, context());
    if (value.is_null() && failure.empty()) failure = save.failure;
    assign(save.slot, std::move(value));
  }
  return failure;
}

void ScenarioUser::assign(int slot, ExprValue value) {
  const auto index = static_cast<std::size_t>(slot);
  if (variables_.size() <= index) variables_.resize(index + 1);
  if (runtime_.trace != nullptr) runtime_.trace->assigned(scenario_.variables[index], value);
  variables_[index] = std::move(value);
}

}  // namespace locust::worker
