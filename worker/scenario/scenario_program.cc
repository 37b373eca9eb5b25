#include "worker/scenario/scenario_program.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/scenario/base_url.h"
#include "common/scenario/input_files.h"
#include "common/scenario/task_ratios.h"
#include "proto/class_info.h"
#include "worker/scenario/hook.h"
#include "worker/scenario/run.h"

namespace locust::worker {

ScenarioProgram::ScenarioProgram(Scenario scenario, EnvironmentLookup environment)
    : scenario_(std::make_unique<const Scenario>(std::move(scenario))),
      runtime_(std::make_unique<ScenarioRuntime>(std::move(environment))),
      plan_(compile_plan(*scenario_, *runtime_, errors_)) {
  for (const UserClassPlan& user : plan_.users) tasks_.emplace_back(user.spec->name, user.tasks);
  set_options({});
}

std::optional<int> ScenarioProgram::begin(const std::string& /*client_id*/, WorkerControl& worker) {
  on_stop_test([&worker] { worker.stop_test("A step of the scenario ends the test (stop_test)"); });
  return std::nullopt;
}

std::vector<UserClass> ScenarioProgram::user_classes() const {
  std::vector<UserClass> classes;
  auto tasks = tasks_.begin();
  for (const UserClassPlan& user : plan_.users) {
    const TaskList& list = (tasks++)->list();
    UserClass& user_class = classes.emplace_back();
    user_class.name = user.spec->name;
    user_class.weight = equal_weights_ ? 1 : user.spec->weight;
    user_class.fixed_count = user.spec->fixed_count;
    user_class.host = user.host;
    user_class.host_problem = [this, &user](const std::string& host) {
      return problem_of_host(*user.spec, host);
    };
    user_class.create = [this, &user, &list](const UserEnvironment& environment) {
      return std::make_unique<ScenarioUser>(environment, user, list, *scenario_, *runtime_);
    };
  }
  return classes;
}

std::optional<std::string> ScenarioProgram::problem_of_host(const UserClassSpec& spec,
                                                            const std::string& host) const {
  const std::string what = "user class '" + spec.name + "'";
  if (!host.empty()) {
    const auto problem = base_url_problem(host);
    return problem ? std::optional("the host of " + what + ": " + *problem) : std::nullopt;
  }
  const auto request = first_relative_request(*scenario_, spec);
  if (!request) return std::nullopt;
  return to_string(*scenario_, request->pos) + ": " + missing_host_text(what, *request);
}

EngineOptions ScenarioProgram::engine_options() const {
  EngineOptions options;
  if (plan_.dns_ttl) options.resolver.ttl = *plan_.dns_ttl;
  options.resolver.fixed = plan_.resolve;
  return options;
}

void ScenarioProgram::give_argument(const std::string& name, ExprValue value) {
  const auto known = std::find_if(plan_.arguments.begin(), plan_.arguments.end(),
                                  [&](const auto& argument) { return argument.first == name; });
  if (known != plan_.arguments.end()) known->second = std::move(value);
}

void ScenarioProgram::assign_equal_weights() {
  equal_weights_ = true;
  for (ScenarioTasks& tasks : tasks_) tasks.assign_equal_weights();
}

Result<void> ScenarioProgram::configure(const std::vector<UserConfig>& configs) {
  std::string unknown;
  for (const UserConfig& config : configs) {
    const auto user = std::find_if(
        plan_.users.begin(), plan_.users.end(),
        [&](const UserClassPlan& plan) { return plan.spec->name == config.user_class_name; });
    if (user == plan_.users.end()) {
      unknown += (unknown.empty() ? "" : ", ") + config.user_class_name;
      continue;
    }
    if (config.host) user->host = *config.host;
    if (config.tasks) set_tasks(config.user_class_name, *config.tasks);
  }
  if (unknown.empty()) return {};
  return Error{"--config-users names unknown user classes: " + unknown};
}

void ScenarioProgram::set_source_ips(const std::vector<std::string>& addresses) {
  for (UserClassPlan& user : plan_.users) user.source_ips = addresses;
  for (const auto& hook : {plan_.test_start.get(), plan_.test_stop.get()}) {
    if (hook != nullptr) hook->source_ips = addresses;
  }
}

void ScenarioProgram::set_own_tags(std::vector<std::string> tags,
                                   std::vector<std::string> exclude_tags) {
  own_filter_ = {std::move(tags), std::move(exclude_tags)};
}

void ScenarioProgram::set_options(const RunOptions& options) {
  for (const auto& [name, own] : plan_.arguments) {
    const auto given = std::find_if(options.arguments.rbegin(), options.arguments.rend(),
                                    [&](const auto& argument) { return argument.first == name; });
    runtime_->set_argument(name, given == options.arguments.rend() ? own : given->second);
  }
  filter_ = {options.tags.value_or(own_filter_.tags),
             options.exclude_tags.value_or(own_filter_.exclude_tags)};
  declare_secrets();
}

void ScenarioProgram::declare_secrets() const {
  std::vector<std::string> values;
  for (const ArgumentSpec& argument : scenario_->arguments) {
    if (argument.secret) values.push_back(runtime_->argument(argument.name).to_text());
  }
  add_secrets(values);
}

void ScenarioProgram::begin_test(const TestSettings& settings) {
  for (Feeder& feeder : plan_.feeders)
    feeder.begin_test(runtime_->worker_index, settings.expect_workers);
  runtime_->all_spawned.close();
  runtime_->shared_variables.clear();
  choose_tasks();
  for (const ScenarioTasks& tasks : tasks_) tasks.warn_of_empty();
}

void ScenarioProgram::set_tasks(const std::string& class_name, std::vector<std::string> tasks) {
  chosen_tasks_[class_name] = std::move(tasks);
  choose_tasks();
}

void ScenarioProgram::choose_tasks() {
  auto tasks = tasks_.begin();
  for (const UserClassPlan& user : plan_.users) {
    const auto chosen = chosen_tasks_.find(user.spec->name);
    (tasks++)->keep_only(filter_, chosen == chosen_tasks_.end() ? nullptr : &chosen->second);
  }
}

TestHooks ScenarioProgram::hooks() const {
  return {hook("test_start", plan_.test_start.get()), hook("test_stop", plan_.test_stop.get())};
}

std::vector<proto::ClassInfo> ScenarioProgram::class_infos() const {
  std::vector<proto::ClassInfo> infos;
  for (const UserClass& user_class : user_classes()) {
    proto::ClassInfo info{user_class.name, user_class.weight, user_class.fixed_count, {}, {}};
    if (!user_class.host.empty()) info.host = user_class.host;
    for (const UserClassSpec& spec : scenario_->users) {
      if (spec.name == user_class.name) info.tasks = task_ratios(spec.tasks);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

FileDigests ScenarioProgram::files() const { return digest_files(input_files(*scenario_)); }

std::optional<UserClass> ScenarioProgram::hook(const char* name, const UserClassPlan* plan) const {
  if (plan == nullptr) return std::nullopt;
  UserClass hook{.name = name, .host = plan->host};
  hook.create = [this, plan](const UserEnvironment& environment) {
    return std::make_unique<ScenarioHook>(environment, *plan, no_tasks_, *scenario_, *runtime_);
  };
  return hook;
}

CompiledScenario compile_scenario(Scenario scenario, EnvironmentLookup environment) {
  CompiledScenario compiled;
  compiled.program.reset(new ScenarioProgram(std::move(scenario), std::move(environment)));
  if (compiled.program->scenario().users.empty()) {
    compiled.program->errors_.push_back("there is no user class: 'users' is missing");
  }
  compiled.errors = std::move(compiled.program->errors_);
  if (!compiled.errors.empty()) compiled.program.reset();
  return compiled;
}

}  // namespace locust::worker
