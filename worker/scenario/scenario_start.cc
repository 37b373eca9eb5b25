#include "worker/scenario/scenario_start.h"

#include <spdlog/fmt/ranges.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>

#include "common/base/event_loop.h"
#include "common/base/log.h"
#include "common/base/run_program.h"
#include "common/base/signals.h"
#include "common/options/config_users.h"
#include "common/scenario/base_url.h"
#include "common/scenario/scenario_parse.h"
#include "common/scenario/scenario_schema.h"
#include "worker/scenario/dry_run.h"
#include "worker/scenario/scenario_program.h"
#include "worker/scenario/source_ip.h"
#include "worker/scenario/summary.h"

namespace locust::worker {
namespace {

constexpr int kDryRunFailed = 1;
constexpr int kUnknownConfigured = 255;  // main.py

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::vector<std::string>> source_ips(const WorkerOptions& options) {
  std::vector<std::string> all;
  for (const std::string& range : options.source_ip) {
    const auto addresses = local_addresses(range);
    if (!addresses) return Error{"--source-ip: " + addresses.error()};
    all.insert(all.end(), addresses->begin(), addresses->end());
  }
  return all;
}

Result<std::unique_ptr<ScenarioProgram>> load_scenario(ParsedScenario parsed,
                                                       const WorkerOptions& options) {
  if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
  const auto addresses = source_ips(options);
  if (!addresses) return Error{addresses.error()};
  if (!addresses->empty()) {
    for (UserClassSpec& user : parsed.scenario.users) user.source_ip.clear();
  }
  CompiledScenario compiled = compile_scenario(std::move(parsed.scenario), environment_variable);
  if (!compiled.program) return Error{fmt::format("{}", fmt::join(compiled.errors, "\n"))};
  for (const auto& [name, value] : options.arguments) {
    if (value) compiled.program->give_argument(name, ExprValue(*value));
  }
  if (!addresses->empty()) compiled.program->set_source_ips(*addresses);
  compiled.program->set_own_tags(options.tags.tags, options.tags.exclude_tags);
  return std::move(compiled.program);
}

// The requested description; empty if a run was requested.
std::string description(const WorkerOptions& options, const ScenarioProgram& program) {
  const Scenario& scenario = program.scenario();
  if (options.list) return describe_user_classes(scenario);
  if (options.show_task_ratio) return describe_task_ratio(scenario, options.users);
  if (options.show_task_ratio_json) return describe_task_ratio_json(scenario, options.users);
  return options.validate || options.check ? describe_program(program) : std::string();
}

// Runs --dry-run to its end or until a signal, with its output on stdout. Returns the exit code.
int run_dry(const WorkerOptions& options, ScenarioProgram& program) {
  const DryRunOptions dry_options{.user_classes = options.user_classes,
                                  .iterations = options.iterations,
                                  .host = options.common.host.value_or(""),
                                  .seed = std::random_device{}()};
  if (const std::string error = DryRun::class_error(program, dry_options); !error.empty()) {
    return fail(error, kUsageError);
  }
  SignalWatcher::block(ending_signals());
  std::signal(SIGPIPE, SIG_IGN);
  // The trace prints the texts of `log` steps, so they are not logged again.
  if (const auto ok = log::setup({.level = "WARNING", .logfile = options.common.logfile}); !ok) {
    return fail(ok.error(), kUsageError);
  }
  SystemClock clock;
  EventLoop loop(clock);
  EngineOptions engine_options = program.engine_options();
  engine_options.max_body_bytes = options.max_body_size;
  const auto engine = make_curl_engine(loop, std::move(engine_options));
  bool complete = false;
  DryRun run(loop, *engine, program, dry_options, std::cout, [&] {
    complete = true;
    loop.stop();
  });
  const SignalWatcher signals(loop, ending_signals(), [&](int) { loop.stop(); });
  loop.run();
  if (!complete) std::cout << "\nInterrupted\n" << std::flush;
  log::shutdown();
  return complete && !run.failed() ? 0 : kDryRunFailed;
}

// Applies the command line's hosts, weights and tasks. Returns an exit code if they are invalid.
std::optional<int> configure(ScenarioProgram& program, const WorkerOptions& options) {
  if (const auto problem = base_url_problem(options.common.host.value_or(""))) {
    return fail("-H (--host): " + *problem, kUsageError);
  }
  if (options.equal_weights) program.assign_equal_weights();
  const auto configs = parse_config_users(options.config_users);
  if (!configs) return fail(configs.error(), kUsageError);
  if (const auto problem = attribute_problem(*configs)) return fail(*problem, kUsageError);
  for (const UserConfig& config : *configs) {
    if (const auto problem = base_url_problem(config.host.value_or(""))) {
      return fail("--config-users: host of '" + config.user_class_name + "': " + *problem,
                  kUsageError);
    }
  }
  if (const auto ok = program.configure(*configs); !ok) return fail(ok.error(), kUnknownConfigured);
  return std::nullopt;
}

}  // namespace

ProgramStart start_scenario(int argc, const char* const* argv,
                            const std::vector<std::string>& files) {
  ParsedScenario parsed;
  if (!files.empty()) parsed = parse_scenario_files(files);
  WorkerOptions options;
  const ParseOutcome outcome = parse_worker_options(argc, argv, parsed.scenario.arguments, options,
                                                    LocustfileKind::kScenario);
  if (!outcome.proceed) {
    if (outcome.exit_code != 0 && !parsed.errors.empty()) {
      return ProgramStart::ended(
          fail(fmt::format("{}", fmt::join(parsed.errors, "\n")), kUsageError));
    }
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return ProgramStart::ended(outcome.exit_code);
  }
  if (options.print_schema) {
    std::cout << scenario_schema();
    return ProgramStart::ended(0);
  }
  auto program = load_scenario(std::move(parsed), options);
  if (!program) return ProgramStart::ended(fail(program.error(), kUsageError));
  if (const std::string text = description(options, **program); !text.empty()) {
    std::cout << text;
    return ProgramStart::ended(0);
  }
  if (options.dry_run) return ProgramStart::ended(run_dry(options, **program));
  if (const auto exit_code = configure(**program, options)) {
    return ProgramStart::ended(*exit_code);
  }
  return {*std::move(program), std::move(options), outcome.notes};
}

}  // namespace locust::worker
