#include "master/run/run_verdicts.h"

#include <string>
#include <utility>

#include "common/base/log.h"
#include "common/base/output_file.h"
#include "master/report/junit.h"
#include "master/report/verdict_table.h"

namespace locust::master {

Result<std::vector<Threshold>> run_thresholds(const VerdictOptions& options,
                                              const Scenario* scenario) {
  std::vector<Threshold> thresholds;
  if (scenario != nullptr) thresholds = scenario->thresholds;
  for (const std::string& text : options.thresholds) {
    ParsedThresholds parsed = parse_thresholds(text);
    if (parsed.thresholds.empty()) {
      return Error{"--threshold '" + text + "': " + parsed.message};
    }
    for (Threshold& threshold : parsed.thresholds) thresholds.push_back(std::move(threshold));
  }
  return thresholds;
}

ExitRules exit_rules(const VerdictOptions& options) {
  return {options.fail_on_invalid, options.exit_code_on_error,
          options.checks.fail_ratio.has_value()};
}

int report_verdicts(const RunResult& result, const VerdictOptions& options, double time,
                    int exit_code) {
  for (const std::string& line : verdict_table(result.verdicts)) log::console().info("{}", line);
  if (!result.verdicts.empty()) log::console().info("");
  if (!options.junit_file) return exit_code;
  const auto written =
      replace_file(*options.junit_file, junit_xml(result, exit_rules(options), time));
  if (written) return exit_code;
  log::main().error("--junit {}", written.error());
  return exit_code == 0 ? kExitReportLost : exit_code;
}

}  // namespace locust::master
