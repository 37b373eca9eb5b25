#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/scenario/base_url.h"
#include "worker/scenario/feeder_load.h"
#include "worker/scenario/file_template.h"
#include "worker/scenario/plan.h"
#include "worker/scenario/plan_reads.h"
#include "worker/scenario/plan_request.h"
#include "worker/scenario/plan_steps.h"
#include "worker/scenario/plan_text.h"
#include "worker/scenario/source_ip.h"

namespace locust::worker {
namespace {

// Compiles classes, arguments and the settings of the whole file.
class PlanCompiler {
 public:
  PlanCompiler(const Scenario& scenario, ScenarioRuntime& runtime, ScenarioPlan& plan)
      : scenario_(scenario),
        runtime_(runtime),
        plan_(plan),
        texts_(scenario, runtime),
        requests_(scenario, runtime, texts_),
        steps_(plan, texts_, requests_) {}

  void compile() {
    load();
    for (const ArgumentSpec& argument : scenario_.arguments) compile_argument(argument);
    // All lists exist before the first is filled, so that `run` can point to any of them.
    for (const auto& [name, steps] : scenario_.steps) plan_.steps[name];
    for (const auto& [name, steps] : scenario_.steps) {
      plan_.steps[name] = steps_.compile(steps.steps);
    }
    for (const UserClassSpec& spec : scenario_.users) compile_user(spec);
    plan_.test_start = compile_hook(scenario_.test_start);
    plan_.test_stop = compile_hook(scenario_.test_stop);
    compile_resolve();
  }

  std::vector<std::string> errors() { return texts_.errors(); }

 private:
  // Loads files and feeders, and checks the columns that expressions read.
  void load() {
    const ReportError report_at = [this](SourcePos pos, const std::string& message) {
      texts_.report(pos, message);
    };
    std::vector<ColumnRead> reads = scenario_.column_reads;
    load_files(scenario_, runtime_, report_at, [&](const Expr& expr, SourcePos pos) {
      texts_.check(expr, pos);
      walk_expression(expr, [&](const Expr& e) {
        if (auto read = variable_member(e)) reads.push_back({pos, read->slot, read->name});
      });
    });
    for (const FeederSpec& spec : scenario_.feeders) {
      plan_.feeders.push_back(load_feeder(scenario_, spec, runtime_, report_at));
    }
    for (const ColumnRead& read : reads) check_column(read.slot, read.column, read.pos);
  }

  void check_column(int slot, const std::string& column, SourcePos pos) {
    for (const Feeder& feeder : plan_.feeders) {
      if (feeder.spec().slot != slot) continue;
      if (const std::string wrong = unknown_column(feeder, column); !wrong.empty()) {
        texts_.report(pos, wrong);
      }
    }
  }

  void compile_argument(const ArgumentSpec& argument) {
    ExprValue value;
    if (argument.default_value) {
      const CompiledValue compiled = texts_.value(*argument.default_value);
      if (const ExprValue* constant = compiled.constant()) {
        value = *constant;
        const auto wrong = value.is_null() ? std::nullopt : not_a_choice(argument, value.to_text());
        if (wrong) {
          texts_.report(argument.default_value->pos, "the default of " + *wrong);
        }
      } else {
        texts_.report(argument.default_value->pos,
                      "a default may contain ${env.NAME}, but nothing that changes during the run");
      }
    }
    plan_.arguments.emplace_back(argument.name, std::move(value));
  }

  // The host belongs to the class, so it must be known before there is a user.
  void compile_host(const UserClassSpec& spec, UserClassPlan& user) {
    const std::optional<TextTemplate>& host = spec.host ? spec.host : scenario_.host;
    if (!host) return;
    user.host = texts_.constant_text(*host, "a host").value_or("");
    if (const auto problem = base_url_problem(user.host)) {
      texts_.report(host->pos, "'host': " + *problem);
    }
  }

  void compile_source_ips(const UserClassSpec& spec, UserClassPlan& user) {
    for (const TextTemplate& text : spec.source_ip) {
      const auto range = texts_.constant_text(text, "'source_ip'");
      if (!range) continue;
      const Result<std::vector<std::string>> addresses = local_addresses(*range);
      if (!addresses) {
        texts_.report(text.pos, addresses.error());
      } else {
        user.source_ips.insert(user.source_ips.end(), addresses->begin(), addresses->end());
      }
    }
  }

  void compile_resolve() {
    plan_.dns_ttl = scenario_.dns_ttl;
    for (const HeaderSpec& entry : scenario_.resolve) {
      const auto address = texts_.constant_text(*entry.value, "an address");
      if (!address) continue;
      if (!is_ip_address(*address)) {
        texts_.report(entry.value->pos, "'" + *address + "' is not an IP address");
      }
      std::string host = entry.name;
      std::transform(host.begin(), host.end(), host.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      plan_.resolve[host] = *address;
    }
  }

  std::unique_ptr<UserClassPlan> compile_hook(const StepList& steps) {
    static const UserClassSpec no_class;
    if (steps.empty()) return nullptr;
    auto hook = std::make_unique<UserClassPlan>();
    hook->spec = &no_class;
    compile_host(no_class, *hook);
    hook->on_start = steps_.compile(steps);
    return hook;
  }

  void compile_user(const UserClassSpec& spec) {
    UserClassPlan& user = plan_.users.emplace_back();
    user.spec = &spec;
    compile_host(spec, user);
    user.headers = texts_.headers(spec.headers);
    add_reads(user.reads, user.headers);
    user.settings = requests_.settings(spec.settings);
    add_reads(user.reads, user.settings.get());
    compile_source_ips(spec, user);
    compile_tasks(spec, "", user, user.reads);
    user.checks = requests_.checks(spec.checks, user.status_is_checked);
    for (const CheckPlan& plan : user.checks) add_reads(user.reads_own, *plan.condition);
    steps_.enter(user.tasks);
    user.after = steps_.compile(spec.after);
    steps_.leave();
  }

  // For a user class or a task set. `prefix` is the start of its tasks' paths.
  template <typename Spec, typename Plan>
  void compile_tasks(const Spec& spec, const std::string& prefix, Plan& plan, ExprReads& reads) {
    if (spec.wait_time) {
      add_reads(reads, *texts_.check(*spec.wait_time->root, spec.wait_time->pos));
    }
    // All of them exist before the first is filled, so that `run` can point to any.
    for (const TaskSpec& task : spec.tasks) {
      TaskPlan& added = plan.tasks.emplace_back();
      added.spec = &task;
      added.path = prefix + task.name;
    }
    steps_.enter(plan.tasks);
    plan.on_start = steps_.compile(spec.on_start);
    for (TaskPlan& task : plan.tasks) {
      if (task.spec->is_set()) {
        compile_tasks(*task.spec, task.path + ".", task, reads);
      } else {
        task.steps = steps_.compile(task.spec->steps);
      }
    }
    plan.on_stop = steps_.compile(spec.on_stop);
    steps_.leave();
  }

  const Scenario& scenario_;
  ScenarioRuntime& runtime_;
  ScenarioPlan& plan_;
  TextCompiler texts_;
  RequestCompiler requests_;
  StepCompiler steps_;
};

}  // namespace

ScenarioPlan compile_plan(const Scenario& scenario, ScenarioRuntime& runtime,
                          std::vector<std::string>& errors) {
  ScenarioPlan plan;
  PlanCompiler compiler(scenario, runtime, plan);
  compiler.compile();
  errors = compiler.errors();
  mark_kept_responses(plan);
  return plan;
}

}  // namespace locust::worker
