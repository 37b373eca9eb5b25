// locust-worker: see `locust-worker --help`.

#include <spdlog/fmt/ranges.h>

#include <cstdlib>
#include <iostream>

#include "common/base/run_program.h"
#include "common/options/config_users.h"
#include "common/options/locustfile_paths.h"
#include "common/scenario/base_url.h"
#include "common/scenario/input_files.h"
#include "common/scenario/scenario_parse.h"
#include "common/scenario/scenario_schema.h"
#include "proto/class_info.h"
#include "worker/control/download.h"
#include "worker/dry_run_main.h"
#include "worker/python_main.h"
#include "worker/scenario/scenario_program.h"
#include "worker/scenario/source_ip.h"
#include "worker/scenario/summary.h"
#include "worker/worker_options.h"
#include "worker/worker_run.h"

namespace locust::worker {
namespace {

constexpr int kNoLocustfile = 1;         // the master sent none; main.py
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

// What masters of ours learn of the classes in the first report after each ack.
std::vector<proto::ClassInfo> describe(const Scenario& scenario,
                                       const std::vector<UserClass>& classes) {
  std::vector<proto::ClassInfo> infos;
  for (const UserClass& user_class : classes) {
    proto::ClassInfo info{user_class.name, user_class.weight, user_class.fixed_count, {}, {}};
    if (!user_class.host.empty()) info.host = user_class.host;
    for (const UserClassSpec& spec : scenario.users) {
      if (spec.name == user_class.name) info.tasks = proto::task_ratios(spec.tasks);
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

std::variant<RunParts, int> scenario_parts(ScenarioProgram& program) {
  RunParts parts;
  parts.loop.classes = program.user_classes();
  parts.loop.engine = program.engine_options();
  parts.loop.on_worker_index = [&program](int index) { program.set_worker_index(index); };
  parts.loop.on_test_begin = [&program](const TestSettings& settings) {
    program.begin_test(settings.expect_workers);
  };
  parts.loop.on_options = [&program](const RunOptions& told) { program.set_options(told); };
  parts.loop.on_all_spawned = [&program] { program.all_spawned(); };
  parts.loop.on_tasks = [&program](const std::string& name, std::vector<std::string> tasks) {
    program.set_tasks(name, std::move(tasks));
  };
  parts.loop.hooks = {program.test_start(), program.test_stop()};
  parts.classes = describe(program.scenario(), parts.loop.classes);
  parts.files = digest_files(input_files(program.scenario()));
  parts.connect = [&program](EventLoop& control, Worker& worker, ThreadedUserLoop&) {
    program.on_stop_test([&control, &worker] {
      control.post(
          [&worker] { worker.stop_test("A step of the scenario ends the test (stop_test)"); });
    });
  };
  return parts;
}

// What is asked for instead of a run; empty: a run.
std::string description(const WorkerOptions& options, const ScenarioProgram& program) {
  const Scenario& scenario = program.scenario();
  if (options.list) return describe_user_classes(scenario);
  if (options.show_task_ratio) return describe_task_ratio(scenario, options.users);
  if (options.show_task_ratio_json) return describe_task_ratio_json(scenario, options.users);
  return options.validate ? describe_program(program) : std::string();
}

int main(int argc, char** argv) {
  // The scenario comes first, because its arguments are options.
  const ScenarioPlace place = find_scenario(argc, argv);
  DownloadedScenario downloaded;
  ParsedScenario parsed;
  if (place.locustfile == "-") {
    auto sent = download_scenario(place.master_host, place.master_port,
                                  std::chrono::seconds(place.connect_timeout));
    if (!sent) return fail(sent.error(), kNoLocustfile);
    downloaded = *std::move(sent);
    if (downloaded.files.front().ends_with(".py")) {
      return run_python(argc, argv, place, downloaded.files);
    }
    parsed = parse_scenario_files(downloaded.files);
  } else if (place.locustfile && is_python(*place.locustfile)) {
    const auto files = python_files(*place.locustfile);
    if (!files) return fail(files.error(), kNoLocustfile);
    return run_python(argc, argv, place, *files);
  } else if (place.locustfile) {
    parsed = parse_scenario_files({*place.locustfile});
  }
  WorkerOptions options;
  const ParseOutcome outcome = parse_worker_options(argc, argv, parsed.scenario.arguments, options);
  if (!outcome.proceed) {
    if (outcome.exit_code != 0 && !parsed.errors.empty()) {
      return fail(fmt::format("{}", fmt::join(parsed.errors, "\n")), kUsageError);
    }
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  if (options.print_schema) {
    std::cout << scenario_schema();
    return 0;
  }
  auto program = load_scenario(std::move(parsed), options);
  if (!program) return fail(program.error(), kUsageError);
  if (const std::string text = description(options, **program); !text.empty()) {
    std::cout << text;
    return 0;
  }
  if (options.dry_run) return run_dry(options, **program);
  if (const auto problem = base_url_problem(options.common.host.value_or(""))) {
    return fail("-H (--host): " + *problem, kUsageError);
  }
  if (options.equal_weights) (*program)->assign_equal_weights();
  const auto configs = parse_config_users(options.config_users);
  if (!configs) return fail(configs.error(), kUsageError);
  if (const auto problem = attribute_problem(*configs)) return fail(*problem, kUsageError);
  for (const UserConfig& config : *configs) {
    if (const auto problem = base_url_problem(config.host.value_or(""))) {
      return fail("--config-users: host of '" + config.user_class_name + "': " + *problem,
                  kUsageError);
    }
  }
  if (const auto ok = (*program)->configure(*configs); !ok) {
    return fail(ok.error(), kUnknownConfigured);
  }
  RunSteps steps;
  steps.parts = [&program = **program](const std::string&) { return scenario_parts(program); };
  return run_worker(options, outcome.notes, steps);
}

}  // namespace
}  // namespace locust::worker

int main(int argc, char** argv) { return locust::run_program(argc, argv, locust::worker::main); }
