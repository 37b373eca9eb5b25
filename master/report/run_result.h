// RunResult: all that decides whether a run was good, and the exit code that follows.
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
  // Why what was measured says little about the target: "2 worker(s) did not deliver …".
  std::vector<std::string> invalid_reasons = {};
  std::vector<CheckResult> checks = {};
  std::vector<Verdict> verdicts = {};
  bool has_errors = false;  // a request failed, or a task raised an exception
  // A worker ended without its last report, because its users did not stop.
  bool is_unfinished = false;
};

struct ExitRules {
  bool fail_on_invalid = false;
  // Of --exit-code-on-error; not given: 1 if there is no threshold, else 0.
  std::optional<int> exit_code_on_error = std::nullopt;
  bool ignore_errors = false;  // failures are --check-fail-ratio's business
};

// Whether failures and exceptions make the exit code, where nothing else does.
bool errors_decide(const RunResult& result, const ExitRules& rules);

// The first of these that is not 0: what forces one, that the run is not valid, the checks, the
// thresholds, failures and exceptions; that a worker could not stop its users, whatever else is said.
int exit_code(const RunResult& result, const ExitRules& rules);

}  // namespace locust::master
