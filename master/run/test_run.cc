#include "master/run/test_run.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "master/run/validity.h"

namespace locust::master {

int conclude(const Master& master, Judgement judgement, const ExitRules& rules, RunResult& result) {
  result.invalid_reasons = invalid_reasons(master);
  result.checks = std::move(judgement.checks);
  result.verdicts = std::move(judgement.verdicts);
  result.is_unfinished = master.unfinished_count() > 0;
  result.has_errors = !master.stats().errors().empty() || master.has_exceptions();
  for (const std::string& reason : result.invalid_reasons) {
    log::main().warn("{}", printable(reason));
  }
  if (master.worker_cpu_warning_emitted()) {
    log::main().warn("CPU usage threshold was exceeded on workers during the test!");
  }
  for (const CheckResult& check : result.checks) {
    log::main().log(check.passed ? spdlog::level::debug : spdlog::level::info, "CHECK {}: {}",
                    check.passed ? "SUCCESSFUL" : "FAILED", check.text);
  }
  if (master.wanted_exit_code()) result.forced_exit_code = master.wanted_exit_code();
  const int code = exit_code(result, rules);
  log::main().info("Shutting down (exit code {})", code);
  return code;
}

std::optional<std::int64_t> users_of_key(const Master& master, char key) {
  std::int64_t difference = 0;
  if (key == 'w') difference = 1;
  if (key == 'W') difference = 10;
  if (key == 's') difference = -1;
  if (key == 'S') difference = -10;
  if (difference == 0) return std::nullopt;
  if (master.state() == MasterState::kSpawning) {
    log::main().warn(difference > 0 ? "Already spawning users, can't spawn more right now"
                                    : "Spawning users, can't stop right now");
    return std::nullopt;
  }
  return std::max<std::int64_t>(master.registry().user_count() + difference, 0);
}

void note_fixed_counts(const Master& master, std::int64_t users) {
  std::int64_t total = 0;
  for (const UserClass& user_class : master.catalog().classes()) total += user_class.fixed_count;
  if (total <= users) return;
  log::main().info(
      "Total fixed_count of User classes ({}) is greater than the specified number of users ({}), "
      "so not all will be spawned.",
      total, users);
}

std::optional<std::string> missing_classes(const UserClassCatalog& catalog) {
  if (const auto unknown = catalog.unknown_selected(); !unknown.empty()) {
    return fmt::format("Unknown User(s): {}", fmt::join(unknown, ", "));
  }
  if (const auto unknown = catalog.unknown_configured(); !unknown.empty()) {
    return fmt::format("--config-users names user classes that nobody has: {}",
                       fmt::join(unknown, ", "));
  }
  if (catalog.classes().empty()) {
    return "No User class found! Give each worker a scenario with -f that has one, with a weight "
           "above 0 here and in --config-users";
  }
  return std::nullopt;
}

}  // namespace locust::master
