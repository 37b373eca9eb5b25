// RunResult: everything that decides whether a run was good, and the resulting exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/report/checks.h"
#include "master/report/verdict.h"

namespace locust::master {

inline constexpr int kExitThresholdFailed = 1;
inline constexpr int kExitUnfinished = 1;
inline constexpr int kExitInvalid = 3;
inline constexpr int kExitCheckFailed = 3;  // locust-plugins'

struct RunResult {
  // The test could not start, or the loss of a worker ended it.
  std::optional<int> forced_exit_code = std::nullopt;
  // The reasons why the results do not describe the target: "2 worker(s) did not deliver …".
  std::vector<std::string> invalid_reasons = {};
  std::vector<CheckResult> checks = {};
  std::vector<Verdict> verdicts = {};
  bool has_errors = false;  // a request failed, or a task raised an exception
  // A worker ended without its last report, because its users did not stop.
  bool is_unfinished = false;
};

struct ExitRules {
  bool fail_on_invalid = false;
  // Of --exit-code-on-error; if not given: 1 without thresholds, otherwise 0.
  std::optional<int> exit_code_on_error = std::nullopt;
  bool ignore_errors = false;  // --check-fail-ratio judges failures
};

// Whether failures and exceptions determine the exit code, if nothing else does.
bool errors_decide(const RunResult& result, const ExitRules& rules);

// The first of these that is not 0: a forced exit code, an invalid run, the checks, the thresholds,
// failures and exceptions; finally that a worker could not stop its users.
int exit_code(const RunResult& result, const ExitRules& rules);

}  // namespace locust::master
