// The thresholds of a run, and the output of its verdicts.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/scenario/scenario.h"
#include "master/report/run_result.h"
#include "master/run/master_options.h"

namespace locust::master {

// The thresholds of the scenario, which may be null, and of --threshold.
Result<std::vector<Threshold>> run_thresholds(const VerdictOptions& options,
                                              const Scenario* scenario);

ExitRules exit_rules(const VerdictOptions& options);

// Prints the table of verdicts and writes the file of --junit. `time`: of the end of the run, in
// seconds since the epoch. Returns `exit_code`, or kExitReportLost instead of 0 if the file cannot
// be written, which is logged.
inline constexpr int kExitReportLost = 2;
int report_verdicts(const RunResult& result, const VerdictOptions& options, double time,
                    int exit_code);

}  // namespace locust::master
