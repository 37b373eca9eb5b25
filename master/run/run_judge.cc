#include "master/run/run_judge.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "master/run/run_verdicts.h"
#include "master/run/validity.h"

namespace locust::master {

RunJudge::RunJudge(Scheduler& scheduler, const Master& master, const VerdictOptions& options,
                   std::vector<Threshold> thresholds, std::function<void(const Verdict&)> violated)
    : master_(master),
      options_(options),
      thresholds_(scheduler, master.clock(), master.stats(), std::move(thresholds),
                  std::move(violated)) {}

void RunJudge::begin_test() {
  has_tested_ = true;
  kept_.reset();
  result_ = {};
}

void RunJudge::keep() {
  if (!kept_) kept_ = judgement();
}

RunJudge::Judgement RunJudge::judgement() const {
  if (kept_) return *kept_;
  if (!has_tested_) return {};
  return {thresholds_.verdicts(), run_checks(options_.checks, master_.stats().total())};
}

int RunJudge::conclude() {
  Judgement last = judgement();
  result_.invalid_reasons = invalid_reasons(master_);
  result_.checks = std::move(last.checks);
  result_.verdicts = std::move(last.verdicts);
  result_.is_unfinished = master_.unfinished_count() > 0;
  result_.has_errors = !master_.stats().errors().empty() || master_.has_exceptions();
  log_result();
  if (master_.wanted_exit_code()) result_.forced_exit_code = master_.wanted_exit_code();
  const int code = exit_code(result_, exit_rules(options_));
  log::main().info("Shutting down (exit code {})", code);
  return code;
}

void RunJudge::log_result() const {
  for (const std::string& reason : result_.invalid_reasons) {
    log::main().warn("{}", printable(reason));
  }
  if (master_.worker_cpu_warning_emitted()) {
    log::main().warn("CPU usage threshold was exceeded on workers during the test!");
  }
  for (const CheckResult& check : result_.checks) {
    log::main().log(check.passed ? spdlog::level::debug : spdlog::level::info, "CHECK {}: {}",
                    check.passed ? "SUCCESSFUL" : "FAILED", check.text);
  }
}

}  // namespace locust::master
