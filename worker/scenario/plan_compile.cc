#include <algorithm>
#include <filesystem>
#include <tuple>
#include <type_traits>
#include <utility>

#include "worker/scenario/encode.h"
#include "worker/scenario/feeder_load.h"
#include "worker/scenario/file_template.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/request_settings.h"
#include "worker/scenario/scenario_file.h"
#include "worker/scenario/source_ip.h"

namespace locust::worker {
namespace {

void add(ExprReads& reads, const Expr& expr) {
  const ExprReads more = expression_reads(expr);
  reads.body |= more.body;
  reads.headers |= more.headers;
}

void add(ExprReads& reads, const HeaderPlans& headers);

void add(ExprReads& reads, const RequestSettingsPlan* settings) {
  if (settings == nullptr) return;
  const auto add_one = [&reads](const Expr& e) { add(reads, e); };
  add(reads, settings->cookies);
  if (settings->auth) {
    settings->auth->user.each_expression(add_one);
    settings->auth->password.each_expression(add_one);
  }
  for (const auto& value : settings->values) value.value.each_expression(add_one);
}

void add(ExprReads& reads, const HeaderPlans& headers) {
  for (const HeaderPlan& header : headers) {
    if (header.value) header.value->each_expression([&](const Expr& e) { add(reads, e); });
  }
}

void note_request_reads(const RequestPlan& request, StepPlan& step) {
  const auto before = [&step](const Expr& e) { add(step.reads_before, e); };
  request.url.each_expression(before);
  request.params.each_expression(before);
  if (request.name) request.name->each_expression(before);
  add(step.reads_before, request.headers);
  add(step.reads_before, request.settings.get());
  std::visit(
      [&](const auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>) {
          body.each_expression(before);
        }
      },
      request.body);
  for (const CheckPlan& check : request.checks) add(step.reads_own, *check.condition);
  for (const SavePlan& save : request.saves) add(step.reads_own, *save.value);
}

void note_reads(StepPlan& step) {
  if (const auto* request = std::get_if<RequestPlan>(&step.action)) {
    note_request_reads(*request, step);
  } else if (const auto* set = std::get_if<SetPlan>(&step.action)) {
    for (const auto& assignment : set->assignments) {
      assignment.value.each_expression([&](const Expr& e) { add(step.reads_before, e); });
    }
  } else if (const auto* headers = std::get_if<HeadersPlan>(&step.action)) {
    add(step.reads_before, headers->headers);
  } else if (const auto* cookies = std::get_if<CookiesPlan>(&step.action)) {
    add(step.reads_before, cookies->cookies);
  } else if (const auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
    if (!parallel->list) return;
    parallel->list->each_expression([&](const Expr& e) { add(step.reads_before, e); });
  } else if (const auto* wait = std::get_if<WaitPlan>(&step.action)) {
    if (wait->seconds != nullptr) add(step.reads_before, *wait->seconds);
  } else if (const auto* rows = std::get_if<AddPlan>(&step.action)) {
    for (const AddPlan::Row& row : rows->rows) {
      row.columns.each_expression([&](const Expr& e) { add(step.reads_before, e); });
    }
  } else if (const auto* branch = std::get_if<IfPlan>(&step.action)) {
    add(step.reads_before, *branch->condition);
  } else if (const auto* loop = std::get_if<LoopPlan>(&step.action)) {
    const auto before = [&step](const Expr& e) { add(step.reads_before, e); };
    if (loop->condition != nullptr) before(*loop->condition);
    if (loop->repeat) loop->repeat->each_expression(before);
    if (loop->within) loop->within->each_expression(before);
  } else if (const auto* log = std::get_if<LogPlan>(&step.action)) {
    log->text.each_expression([&](const Expr& e) { add(step.reads_before, e); });
  } else if (const auto* transaction = std::get_if<TransactionPlan>(&step.action)) {
    transaction->name.each_expression([&](const Expr& e) { add(step.reads_before, e); });
  } else if (const auto* fail = std::get_if<FailPlan>(&step.action)) {
    fail->text.each_expression([&](const Expr& e) { add(step.reads_before, e); });
  }
}

class PlanCompiler {
 public:
  PlanCompiler(const Scenario& scenario, ScenarioRuntime& runtime)
      : scenario_(scenario), runtime_(runtime) {}

  ScenarioPlan compile() {
    ScenarioPlan plan;
    plan_ = &plan;
    load();
    for (const ArgumentSpec& argument : scenario_.arguments) compile_argument(argument);
    // All lists exist before the first is filled, so that `run` can point to any of them.
    for (const auto& [name, steps] : scenario_.steps) plan.steps[name];
    for (const auto& [name, steps] : scenario_.steps) plan.steps[name] = compile_steps(steps.steps);
    for (const UserClassSpec& spec : scenario_.users) compile_user(spec);
    plan.test_start = compile_hook(scenario_.test_start);
    plan.test_stop = compile_hook(scenario_.test_stop);
    compile_resolve(plan);
    return plan;
  }

  // In the order of the files; a host that several classes take is reported once.
  std::vector<std::string> errors() {
    const auto place = [](const auto& e) {
      return std::tie(e.first.file, e.first.line, e.first.column, e.second);
    };
    std::sort(errors_.begin(), errors_.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
    std::vector<std::string> lines;
    for (const auto& [pos, message] : errors_) {
      std::string line = to_string(scenario_, pos) + ": " + message;
      if (lines.empty() || lines.back() != line) lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  void report(SourcePos pos, const std::string& message) { errors_.emplace_back(pos, message); }

  // What can be wrong with an expression's literals: regular expressions and JSON pointers.
  const Expr* check(const Expr& root, SourcePos pos) {
    walk_expression(root, [&](const Expr& e) {
      if (const auto* call = std::get_if<ExprCall>(&e.node)) {
        const std::string* text = call->arguments.empty() ? nullptr : literal(*call->arguments[0]);
        if (text == nullptr) return;
        if (call->function == ExprFunction::kJson && !is_json_pointer(*text)) {
          report(pos, "a JSON pointer begins with '/': json('/" + *text + "')");
        } else if (call->function == ExprFunction::kRegex ||
                   call->function == ExprFunction::kRegexAll) {
          check_regex(*text, pos);
        }
      } else if (const auto* binary = std::get_if<ExprBinary>(&e.node)) {
        const std::string* text = literal(*binary->right);
        if (binary->op == ExprBinaryOp::kMatches && text != nullptr) check_regex(*text, pos);
      }
    });
    return &root;
  }

  static const std::string* literal(const Expr& expr) {
    const auto* value = std::get_if<ExprLiteral>(&expr.node);
    return value == nullptr ? nullptr : value->value.as_text();
  }

  void check_regex(const std::string& pattern, SourcePos pos) {
    try {
      runtime_.regexes.get(pattern);
    } catch (const ExprFailure& e) {
      report(pos, e.what());
    }
  }

  CompiledText compile_text(const TextTemplate& text) {
    for (const TextTemplate::Part& part : text.parts) {
      if (part.expr) check(*part.expr, text.pos);
    }
    try {
      return CompiledText(text, runtime_);
    } catch (const ExprFailure& e) {
      report(text.pos, e.what());
      return {};
    }
  }

  HeaderPlans compile_headers(const std::vector<HeaderSpec>& specs) {
    HeaderPlans headers;
    for (const HeaderSpec& spec : specs) {
      HeaderPlan& header = headers.emplace_back();
      header.name = spec.name;
      if (spec.value) header.value = compile_text(*spec.value);
    }
    return headers;
  }

  std::unique_ptr<const RequestSettingsPlan> compile_settings(const RequestSettings& spec) {
    if (spec.cookies.empty() && !spec.auth && spec.values.empty()) return nullptr;
    auto plan = std::make_unique<RequestSettingsPlan>();
    plan->cookies = compile_headers(spec.cookies);
    if (spec.auth) {
      plan->auth = {.scheme = spec.auth->scheme,
                    .user = compile_text(spec.auth->user),
                    .password = compile_text(spec.auth->password)};
    }
    for (const SettingSpec& setting : spec.values) {
      const SourcePos pos = setting.value.pos;
      plan->values.push_back({.key = setting.key,
                              .value = compile_checked(setting.value),
                              .directory = directory_of(pos)});
      const std::string wrong = setting_error(plan->values.back());
      if (!wrong.empty()) report(pos, wrong);
    }
    return plan;
  }

  // Of the file that `pos` is in.
  std::string directory_of(SourcePos pos) const {
    const std::filesystem::path file = scenario_.files[static_cast<std::size_t>(pos.file)];
    return file.parent_path().string();
  }

  // What must be known before there is a user; null after reporting.
  std::optional<std::string> constant_text(const TextTemplate& text, const std::string& what) {
    const std::size_t errors = errors_.size();
    const CompiledText compiled = compile_text(text);
    if (errors_.size() > errors) return std::nullopt;
    if (const std::string* constant = compiled.constant()) return *constant;
    report(text.pos, what + " may hold ${env.NAME}, but nothing that changes during the run");
    return std::nullopt;
  }

  void compile_source_ips(const UserClassSpec& spec, UserClassPlan& user) {
    for (const TextTemplate& text : spec.source_ip) {
      const auto range = constant_text(text, "'source_ip'");
      if (!range) continue;
      const Result<std::vector<std::string>> addresses = local_addresses(*range);
      if (!addresses) {
        report(text.pos, addresses.error());
      } else {
        user.source_ips.insert(user.source_ips.end(), addresses->begin(), addresses->end());
      }
    }
  }

  void compile_resolve(ScenarioPlan& plan) {
    plan.dns_ttl = scenario_.dns_ttl;
    for (const HeaderSpec& entry : scenario_.resolve) {
      const auto address = constant_text(*entry.value, "an address");
      if (!address) continue;
      if (!is_ip_address(*address)) {
        report(entry.value->pos, "'" + *address + "' is no IP address");
      }
      std::string host = entry.name;
      std::transform(host.begin(), host.end(), host.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      plan.resolve[host] = *address;
    }
  }

  CompiledFields compile_fields(const std::vector<NamedValue>& fields, SourcePos pos) {
    try {
      CompiledFields compiled(fields, runtime_);
      compiled.each_expression([&](const Expr& expr) { check(expr, pos); });
      return compiled;
    } catch (const ExprFailure& e) {
      report(pos, e.what());
      return {};
    }
  }

  CompiledValue compile_checked(const ValueTemplate& value) {
    try {
      CompiledValue compiled = compile_value(value, runtime_);
      compiled.each_expression([&](const Expr& expr) { check(expr, value.pos); });
      return compiled;
    } catch (const ExprFailure& e) {
      report(value.pos, e.what());
      return {};
    }
  }

  void compile_url(const RequestStep& spec, SourcePos pos, RequestPlan& plan) {
    plan.url = compile_text(spec.url);
    plan.params = compile_fields(spec.params, pos);
    const std::string* url = plan.url.constant();
    if (url != nullptr && plan.params.is_constant()) {
      const EvalContext at_load{.runtime = runtime_};
      plan.constant_url = request_url(plan, at_load);
    }
    if (spec.name) {
      plan.name = compile_text(*spec.name);
    } else if (plan.url.as_name() != plan.constant_url) {
      plan.default_name = plan.url.as_name();
    }
  }

  void compile_body(const RequestStep& spec, SourcePos pos, RequestPlan& plan) {
    if (const auto* json = std::get_if<JsonBody>(&spec.body)) {
      plan.body = CompiledJson(compile_checked(json->value));
    } else if (const auto* form = std::get_if<FormBody>(&spec.body)) {
      plan.body = compile_fields(form->fields, pos);
    } else if (const auto* raw = std::get_if<RawBody>(&spec.body)) {
      plan.body = compile_text(raw->text);
    } else if (const auto* multipart = std::get_if<MultipartBody>(&spec.body)) {
      plan.body = compile_multipart(*multipart);
    }
  }

  CompiledMultipart compile_multipart(const MultipartBody& spec) {
    std::vector<CompiledMultipart::Part> parts;
    for (const MultipartBody::Part& part : spec.parts) {
      CompiledMultipart::Part& compiled = parts.emplace_back();
      compiled.name = part.name;
      if (part.text) {
        compiled.text = compile_text(*part.text);
        continue;
      }
      compiled.file = read_part(part);
      if (part.type) compiled.type = compile_text(*part.type);
      compiled.filename =
          part.filename ? compile_text(*part.filename) : compile_text(file_name_of(part));
    }
    return CompiledMultipart(std::move(parts));
  }

  // Once for all requests that send it.
  std::shared_ptr<const std::string> read_part(const MultipartBody::Part& part) {
    const std::string path = path_from(scenario_, part.pos, part.path);
    std::shared_ptr<const std::string>& file = part_files_[path];
    if (file) return file;
    auto text = read_scenario_file(path);
    if (!text) report(part.pos, text.error());
    file = std::make_shared<const std::string>(text ? *std::move(text) : std::string());
    return file;
  }

  static TextTemplate file_name_of(const MultipartBody::Part& part) {
    TextTemplate name;
    name.pos = part.pos;
    // npos + 1 is 0.
    name.parts.push_back({part.path.substr(part.path.rfind('/') + 1), nullptr, {}});
    return name;
  }

  std::vector<CheckPlan> compile_checks(const std::vector<CheckSpec>& specs,
                                        bool& status_is_checked) {
    std::vector<CheckPlan> checks;
    for (const CheckSpec& spec : specs) {
      const SourceExpr& condition = spec.condition;
      const bool reads_status = expression_reads(*condition.root).status;
      status_is_checked |= reads_status;
      checks.push_back({check(*condition.root, condition.pos),
                        spec.name.empty() ? condition.source : spec.name,
                        spec.name.empty() && reads_status});
    }
    return checks;
  }

  RequestPlan compile_request(const RequestStep& spec, SourcePos pos) {
    RequestPlan plan;
    plan.method = spec.method;
    compile_url(spec, pos, plan);
    compile_body(spec, pos, plan);
    plan.headers = compile_headers(spec.headers);
    plan.settings = compile_settings(spec.settings);
    plan.checks = compile_checks(spec.checks, plan.status_is_checked);
    for (const SaveSpec& save : spec.saves) {
      const std::string& name = scenario_.variables[static_cast<std::size_t>(save.slot)];
      plan.saves.push_back({save.slot, check(*save.value.root, save.value.pos),
                            name + " is null: " + save.value.source});
    }
    plan.after = compile_steps(spec.after);
    plan.record = spec.record;
    return plan;
  }

  SetPlan compile_set(const SetStep& spec) {
    SetPlan plan;
    for (const SetStep::Assignment& assignment : spec.assignments) {
      plan.assignments.push_back({assignment.slot, compile_checked(assignment.value)});
    }
    return plan;
  }

  // Files and feeders, and the columns that are read of these.
  void load() {
    const ReportError report_at = [this](SourcePos pos, const std::string& message) {
      report(pos, message);
    };
    std::vector<ColumnRead> reads = scenario_.column_reads;
    load_files(scenario_, runtime_, report_at, [&](const Expr& expr, SourcePos pos) {
      check(expr, pos);
      walk_expression(expr, [&](const Expr& e) {
        if (auto read = variable_member(e)) reads.push_back({pos, read->slot, read->name});
      });
    });
    for (const FeederSpec& spec : scenario_.feeders) {
      plan_->feeders.push_back(load_feeder(scenario_, spec, runtime_, report_at));
    }
    for (const ColumnRead& read : reads) check_column(read.slot, read.column, read.pos);
  }

  void check_column(int slot, const std::string& column, SourcePos pos) {
    for (const Feeder& feeder : plan_->feeders) {
      if (feeder.spec().slot != slot) continue;
      if (const std::string wrong = unknown_column(feeder, column); !wrong.empty()) {
        report(pos, wrong);
      }
    }
  }

  // The parser has made sure that there is one.
  Feeder* find_feeder(const std::string& name) {
    const auto found = std::find_if(plan_->feeders.begin(), plan_->feeders.end(),
                                    [&](const Feeder& f) { return f.spec().name == name; });
    return &*found;
  }

  AddPlan compile_add(const AddStep& spec) {
    AddPlan plan;
    for (const AddStep::Row& row : spec.rows) {
      CompiledValue::Map values;
      for (const NamedValue& column : row.columns) {
        values.emplace_back(column.name, compile_checked(column.value));
      }
      plan.rows.push_back({find_feeder(row.feeder), {std::move(values)}});
    }
    return plan;
  }

  // The parser has made sure that there are such steps.
  StepPlans* find_steps(const std::string& name) {
    if (const auto named = plan_->steps.find(name); named != plan_->steps.end()) {
      return &named->second;
    }
    for (TaskPlan& task : plan_->users.back().tasks) {
      if (task.spec->name == name) return &task.steps;
    }
    return nullptr;
  }

  ParallelPlan compile_parallel(const ParallelStep& spec) {
    ParallelPlan plan;
    if (spec.list) plan.list = compile_checked(*spec.list);
    plan.slot = spec.slot;
    for (const ParallelRequest& request : spec.requests) {
      StepPlan& step = plan.requests.emplace_back();
      step.pos = request.pos;
      step.action = compile_request(request.request, request.pos);
      note_reads(step);
    }
    return plan;
  }

  LoopPlan compile_loop(const LoopStep& spec) {
    LoopPlan plan;
    if (spec.repeat) plan.repeat = compile_checked(*spec.repeat);
    plan.slot = spec.slot;
    if (spec.condition) plan.condition = check(*spec.condition->root, spec.condition->pos);
    if (spec.within) plan.within = compile_checked(*spec.within);
    plan.steps = compile_steps(spec.steps);
    return plan;
  }

  ChoosePlan compile_choose(const ChooseStep& spec) {
    ChoosePlan plan;
    double weights = 0;
    for (const ChooseStep::Branch& branch : spec.branches) {
      weights += branch.weight;
      plan.branches.push_back({weights, compile_steps(branch.steps)});
    }
    return plan;
  }

  StepPlan compile_step(const ScenarioStep& step) {
    StepPlan plan;
    plan.pos = step.pos;
    if (const auto* request = std::get_if<RequestStep>(&step.action)) {
      plan.action = compile_request(*request, step.pos);
    } else if (const auto* set = std::get_if<SetStep>(&step.action)) {
      plan.action = compile_set(*set);
    } else if (const auto* headers = std::get_if<HeadersStep>(&step.action)) {
      plan.action = HeadersPlan{compile_headers(headers->headers)};
    } else if (const auto* cookies = std::get_if<CookiesStep>(&step.action)) {
      plan.action = CookiesPlan{compile_headers(cookies->cookies)};
    } else if (std::holds_alternative<NewSessionStep>(step.action)) {
      plan.action = NewSessionPlan{};
    } else if (const auto* wait = std::get_if<WaitStep>(&step.action)) {
      plan.action =
          WaitPlan{wait->seconds ? check(*wait->seconds->root, wait->seconds->pos) : nullptr};
    } else if (std::holds_alternative<StopTestStep>(step.action)) {
      plan.action = StopTestPlan{};
    } else if (const auto* run = std::get_if<RunStep>(&step.action)) {
      plan.action = RunPlan{find_steps(run->name)};
    } else if (const auto* feed = std::get_if<FeedStep>(&step.action)) {
      plan.action = FeedPlan{find_feeder(feed->feeder)};
    } else if (const auto* added = std::get_if<AddStep>(&step.action)) {
      plan.action = compile_add(*added);
    } else if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) {
      plan.action = compile_parallel(*parallel);
    } else if (const auto* branch = std::get_if<IfStep>(&step.action)) {
      plan.action = IfPlan{check(*branch->condition.root, branch->condition.pos),
                           compile_steps(branch->then_steps), compile_steps(branch->else_steps)};
    } else if (const auto* loop = std::get_if<LoopStep>(&step.action)) {
      plan.action = compile_loop(*loop);
    } else if (const auto* choose = std::get_if<ChooseStep>(&step.action)) {
      plan.action = compile_choose(*choose);
    } else if (const auto* log = std::get_if<LogStep>(&step.action)) {
      plan.action = LogPlan{compile_text(log->text)};
    } else if (const auto* fail = std::get_if<FailStep>(&step.action)) {
      plan.action = FailPlan{compile_text(fail->text)};
    } else if (std::holds_alternative<EndTaskStep>(step.action)) {
      plan.action = EndTaskPlan{};
    } else if (std::holds_alternative<StopUserStep>(step.action)) {
      plan.action = StopUserPlan{};
    } else if (const auto* transaction = std::get_if<TransactionStep>(&step.action)) {
      plan.action =
          TransactionPlan{compile_text(transaction->name), compile_steps(transaction->steps)};
    } else if (const auto* retry = std::get_if<RetryStep>(&step.action)) {
      plan.action = RetryPlan{retry->times};
    }
    note_reads(plan);
    return plan;
  }

  StepPlans compile_steps(const StepList& steps) {
    StepPlans plans;
    plans.reserve(steps.size());
    for (const ScenarioStep& step : steps) plans.push_back(compile_step(step));
    return plans;
  }

  void compile_argument(const ArgumentSpec& argument) {
    ExprValue value;
    if (argument.default_value) {
      const CompiledValue compiled = compile_checked(*argument.default_value);
      if (const ExprValue* constant = compiled.constant()) {
        value = *constant;
      } else {
        report(argument.default_value->pos,
               "a default may hold ${env.NAME}, but nothing that changes during the run");
      }
    }
    plan_->arguments.emplace_back(argument.name, std::move(value));
  }

  // The host is a class's, not a user's: it must be known before there is one.
  void compile_host(const UserClassSpec& spec, UserClassPlan& user) {
    const std::optional<TextTemplate>& host = spec.host ? spec.host : scenario_.host;
    if (!host) return;
    const CompiledText text = compile_text(*host);
    if (const std::string* constant = text.constant()) {
      user.host = *constant;
    } else {
      report(host->pos, "a host may hold ${env.NAME}, but nothing that changes during the run");
    }
  }

  std::unique_ptr<UserClassPlan> compile_hook(const StepList& steps) {
    static const UserClassSpec no_class;
    if (steps.empty()) return nullptr;
    auto hook = std::make_unique<UserClassPlan>();
    hook->spec = &no_class;
    compile_host(no_class, *hook);
    hook->on_start = compile_steps(steps);
    return hook;
  }

  void compile_user(const UserClassSpec& spec) {
    UserClassPlan& user = plan_->users.emplace_back();
    user.spec = &spec;
    compile_host(spec, user);
    user.headers = compile_headers(spec.headers);
    add(user.reads, user.headers);
    user.settings = compile_settings(spec.settings);
    add(user.reads, user.settings.get());
    compile_source_ips(spec, user);
    if (spec.wait_time) {
      user.wait_time = check(*spec.wait_time->root, spec.wait_time->pos);
      add(user.reads, *user.wait_time);
    }
    for (const TaskSpec& task : spec.tasks) user.tasks.push_back({&task, {}});
    for (TaskPlan& task : user.tasks) task.steps = compile_steps(task.spec->steps);
    user.checks = compile_checks(spec.checks, user.status_is_checked);
    for (const CheckPlan& plan : user.checks) add(user.reads_own, *plan.condition);
    user.after = compile_steps(spec.after);
    user.on_start = compile_steps(spec.on_start);
    user.on_stop = compile_steps(spec.on_stop);
  }

  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  std::vector<std::pair<SourcePos, std::string>> errors_;
  ScenarioPlan* plan_ = nullptr;
  std::map<std::string, std::shared_ptr<const std::string>> part_files_;  // by path
};

}  // namespace

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

ScenarioPlan compile_plan(const Scenario& scenario, ScenarioRuntime& runtime,
                          std::vector<std::string>& errors) {
  PlanCompiler compiler(scenario, runtime);
  ScenarioPlan plan = compiler.compile();
  errors = compiler.errors();
  mark_kept_responses(plan);
  return plan;
}

}  // namespace locust::worker
