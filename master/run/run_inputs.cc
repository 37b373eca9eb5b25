#include "master/run/run_inputs.h"

#include <spdlog/fmt/ranges.h>

#include <cstdlib>
#include <utility>

#include "common/scenario/input_files.h"
#include "master/run/distribution.h"
#include "master/run/form_fields.h"
#include "master/run/run_host.h"
#include "master/run/run_shape.h"
#include "master/run/run_verdicts.h"
#include "proto/class_info.h"

namespace locust::master {
namespace {

Result<MasterConfig> master_config(const MasterOptions& options, TestFile& test) {
  MasterConfig config;
  const Scenario* scenario = test.scenario ? &*test.scenario : nullptr;
  config.host = options.common.host;
  config.stop_timeout = static_cast<double>(options.stop_timeout);
  config.enable_rebalancing = options.enable_rebalancing;
  config.on_worker_loss = options.on_worker_loss;
  config.locustfile = std::move(test.reply);
  config.is_scenario = test.kind == TestFile::Kind::kYaml;
  config.parsed_options = parsed_options(options, scenario);
  config.parsed_options.insert(config.parsed_options.end(), test.arguments.begin(),
                               test.arguments.end());
  config.reset_stats = options.report.reset_stats;
  config.iterations = options.iterations;
  config.files = std::move(test.files);
  if (scenario != nullptr) config.classes = proto::class_infos(*scenario);
  config.percentiles = parse_percentiles(options.report.percentiles).value();
  config.as_one_process = options.as_one_process;
  if (const char* wait = std::getenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP")) {
    const auto report_wait = report_wait_from(wait);
    if (!report_wait) return Error{report_wait.error()};
    config.report_wait = *report_wait;
  }
  return config;
}

}  // namespace

Result<TestFile> yaml_test(ParsedScenario parsed) {
  if (!parsed.errors.empty()) return Error{fmt::format("{}", fmt::join(parsed.errors, "\n"))};
  TestFile test{.kind = TestFile::Kind::kYaml, .reply = scenario_reply(parsed)};
  test.scenario = std::move(parsed.scenario);
  test.files = digest_files(input_files(*test.scenario));
  return test;
}

Result<RunInputs> read_inputs(const MasterOptions& options, TestFile test,
                              std::vector<UserConfig> config_users) {
  RunInputs inputs;
  const Scenario* scenario = test.scenario ? &*test.scenario : nullptr;
  inputs.config_users = std::move(config_users);
  if (test.kind != TestFile::Kind::kPython) {
    if (const auto problem = attribute_problem(inputs.config_users)) return Error{*problem};
  }
  if (test.kind == TestFile::Kind::kYaml) {
    if (const auto problem = problem_of_given_host(options, *scenario, inputs.config_users)) {
      return Error{*problem};
    }
  }
  auto shape = run_shape(options, scenario);
  if (!shape) return Error{shape.error()};
  inputs.shape = std::move(*shape);
  auto thresholds = run_thresholds(options.verdicts, scenario);
  if (!thresholds) return Error{thresholds.error()};
  inputs.thresholds = std::move(*thresholds);
  auto config = master_config(options, test);
  if (!config) return Error{config.error()};
  inputs.master = *std::move(config);
  inputs.scenario = std::move(test.scenario);
  return inputs;
}

}  // namespace locust::master
