// locust-master: see `locust-master --help`.

#include <iostream>
#include <utility>

#include "common/base/cpu_limit.h"
#include "common/base/log.h"
#include "common/base/run_program.h"
#include "common/options/option_specs.h"
#include "master/all_in_one.h"
#include "master/loaded_test.h"
#include "master/local_cluster.h"
#include "master/run/option_refusals.h"
#include "master/run_master.h"
#include "master/tools.h"

namespace locust::master {
namespace {

int lead(const MasterOptions& options, LoadedTest& test, Result<RunInputs> inputs) {
  if (const auto ended = test.begin(options)) return *ended;
  if (test.python() != nullptr) inputs = test.read_inputs(options);
  if (inputs) return run_master(options, *std::move(inputs), test.python());
  log::main().error("{}", inputs.error());
  return kUsageError;
}

int main(int argc, char** argv) {
  LoadedTest test;
  if (const auto failed = test.load(argc, argv)) return *failed;
  MasterOptions options;
  const ParseOutcome outcome = test.parse_options(options);
  if (!outcome.proceed) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    if (outcome.exit_code == 0) std::cout << test.help();
    return outcome.exit_code;
  }
  const Arguments arguments(argv + 1, argv + argc);
  if (options.print_options) {
    std::cout << options_as_markdown();
    return 0;
  }
  if (options.hash_password) return print_password_hash();
  if (!options.compare.empty()) return print_comparison(options.compare, options.report.json_file);
  if (options.describe) become("locust-worker", arguments);
  if (const auto refused = refusal(options)) return fail(refused->message, refused->exit_code);
  const auto processes = process_count(options.processes == 0 ? 1 : options.processes);
  if (!processes) return fail(processes.error(), 1);
  // Those of a locustfile are known after begin().
  Result<RunInputs> inputs = RunInputs{};
  if (!test.is_of_python()) inputs = test.read_inputs(options);
  if (!inputs) return fail(inputs.error(), kUsageError);
  if (options.processes != 0) return run_local_cluster(options, arguments, *processes);
  if (const auto failed = set_up_process(options, outcome.notes)) return *failed;
  const int exit_code = lead(options, test, std::move(inputs));
  return log::shutdown() || exit_code != 0 ? exit_code : kOutputLost;
}

}  // namespace
}  // namespace locust::master

int main(int argc, char** argv) { return locust::run_program(argc, argv, locust::master::main); }
