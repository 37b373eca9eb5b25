#include "master/report/run_result.h"

#include <algorithm>

namespace locust::master {

bool errors_decide(const RunResult& result, const ExitRules& rules) {
  return !rules.ignore_errors && (result.verdicts.empty() || rules.exit_code_on_error);
}

namespace {

int code_of_test(const RunResult& result, const ExitRules& rules) {
  if (result.forced_exit_code) return *result.forced_exit_code;
  if (rules.fail_on_invalid && !result.invalid_reasons.empty()) return kExitInvalid;
  const auto failed = [](const CheckResult& check) { return !check.passed; };
  if (std::any_of(result.checks.begin(), result.checks.end(), failed)) return kExitCheckFailed;
  const auto broken = [](const Verdict& verdict) { return !verdict.holds; };
  if (std::any_of(result.verdicts.begin(), result.verdicts.end(), broken)) {
    return kExitThresholdFailed;
  }
  return result.has_errors && errors_decide(result, rules) ? rules.exit_code_on_error.value_or(1)
                                                           : 0;
}

}  // namespace

int exit_code(const RunResult& result, const ExitRules& rules) {
  const int code = code_of_test(result, rules);
  return code == 0 && result.is_unfinished ? kExitUnfinished : code;
}

}  // namespace locust::master
