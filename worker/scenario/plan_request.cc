#include "worker/scenario/plan_request.h"

#include <utility>
#include <variant>

#include "common/scenario/named_files.h"
#include "worker/scenario/encode.h"
#include "worker/scenario/request_settings.h"
#include "worker/scenario/scenario_file.h"

namespace locust::worker {

RequestPlan RequestCompiler::compile(const RequestStep& spec, SourcePos pos) {
  RequestPlan plan;
  plan.method = spec.method;
  compile_url(spec, pos, plan);
  compile_body(spec, pos, plan);
  plan.headers = texts_.headers(spec.headers);
  plan.settings = settings(spec.settings);
  plan.checks = checks(spec.checks, plan.status_is_checked);
  for (const SaveSpec& save : spec.saves) {
    const std::string& name = scenario_.variables[static_cast<std::size_t>(save.slot)];
    plan.saves.push_back({save.slot, texts_.check(*save.value.root, save.value.pos),
                          name + " is null: " + save.value.source});
  }
  plan.record = spec.record;
  return plan;
}

std::unique_ptr<const RequestSettingsPlan> RequestCompiler::settings(const RequestSettings& spec) {
  if (spec.cookies.empty() && !spec.auth && spec.values.empty()) return nullptr;
  auto plan = std::make_unique<RequestSettingsPlan>();
  plan->cookies = texts_.headers(spec.cookies);
  if (spec.auth) {
    plan->auth = {.scheme = spec.auth->scheme,
                  .user = texts_.text(spec.auth->user),
                  .password = texts_.text(spec.auth->password)};
  }
  for (const SettingSpec& setting : spec.values) {
    const SourcePos pos = setting.value.pos;
    plan->values.push_back({.key = setting.key,
                            .value = texts_.value(setting.value),
                            .directory = directory_of(scenario_, pos)});
    const std::string wrong = setting_error(plan->values.back());
    if (!wrong.empty()) texts_.report(pos, wrong);
  }
  return plan;
}

void RequestCompiler::compile_url(const RequestStep& spec, SourcePos pos, RequestPlan& plan) {
  plan.url = texts_.text(spec.url);
  plan.params = texts_.fields(spec.params, pos);
  const std::string* url = plan.url.constant();
  if (url != nullptr && plan.params.is_constant()) {
    const EvalContext at_load{.runtime = runtime_};
    plan.constant_url = request_url(plan, at_load);
  }
  if (spec.name) {
    plan.name = texts_.text(*spec.name);
  } else if (plan.url.as_name() != plan.constant_url) {
    plan.default_name = plan.url.as_name();
  }
}

void RequestCompiler::compile_body(const RequestStep& spec, SourcePos pos, RequestPlan& plan) {
  if (const auto* json = std::get_if<JsonBody>(&spec.body)) {
    plan.body = CompiledJson(texts_.value(json->value));
  } else if (const auto* form = std::get_if<FormBody>(&spec.body)) {
    plan.body = texts_.fields(form->fields, pos);
  } else if (const auto* raw = std::get_if<RawBody>(&spec.body)) {
    plan.body = texts_.text(raw->text);
  } else if (const auto* file = std::get_if<FileBody>(&spec.body)) {
    plan.body = compile_file(file->path);
  } else if (const auto* multipart = std::get_if<MultipartBody>(&spec.body)) {
    plan.body = compile_multipart(*multipart);
  }
}

CompiledMultipart RequestCompiler::compile_multipart(const MultipartBody& spec) {
  std::vector<CompiledMultipart::Part> parts;
  for (const MultipartBody::Part& part : spec.parts) {
    CompiledMultipart::Part& compiled = parts.emplace_back();
    compiled.name = part.name;
    if (part.text) {
      compiled.text = texts_.text(*part.text);
      continue;
    }
    if (part.path) compiled.file = compile_file(*part.path);
    if (part.type) compiled.type = texts_.text(*part.type);
    if (part.filename) compiled.filename = texts_.text(*part.filename);
  }
  return CompiledMultipart(std::move(parts));
}

// Checks the file at load, although each request opens it again.
CompiledFile RequestCompiler::compile_file(const TextTemplate& path) {
  const std::size_t errors = texts_.error_count();
  CompiledFile file(texts_.text(path), directory_of(scenario_, path.pos));
  if (const auto constant = file.constant_path(); constant && texts_.error_count() == errors) {
    if (const auto error = unsendable(*constant)) texts_.report(path.pos, error->message);
  }
  return file;
}

std::vector<CheckPlan> RequestCompiler::checks(const std::vector<CheckSpec>& specs,
                                               bool& status_is_checked) {
  std::vector<CheckPlan> plans;
  for (const CheckSpec& spec : specs) {
    const SourceExpr& condition = spec.condition;
    const bool reads_status = expression_reads(*condition.root).status;
    status_is_checked |= reads_status;
    plans.push_back({texts_.check(*condition.root, condition.pos),
                     spec.name.empty() ? condition.source : spec.name,
                     spec.name.empty() && reads_status});
  }
  return plans;
}

std::string request_url(const RequestPlan& request, const EvalContext& context) {
  std::string url = request.url.render(context);
  std::string query;
  request.params.append(context, query);
  if (!query.empty()) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += query;
  }
  return requote_url(url);
}

}  // namespace locust::worker
