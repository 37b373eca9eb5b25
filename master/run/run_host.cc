#include "master/run/run_host.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "common/scenario/base_url.h"

namespace locust::master {
namespace {

// Whether a test of these classes has users of this one without a host in --config-users.
bool needs_host(const UserClassSpec& user, const std::vector<std::string>& classes,
                const std::vector<UserConfig>& configs) {
  if (!classes.empty() && std::find(classes.begin(), classes.end(), user.name) == classes.end()) {
    return false;
  }
  double weight = user.weight;
  int fixed_count = user.fixed_count;
  for (const UserConfig& config : configs) {
    if (config.user_class_name != user.name) continue;
    if (config.host && !config.host->empty()) return false;
    weight = config.weight.value_or(weight);
    fixed_count = config.fixed_count.value_or(fixed_count);
  }
  return weight > 0 || fixed_count > 0;
}

}  // namespace

std::optional<std::string> problem_of_given_host(const MasterOptions& options,
                                                 const Scenario& scenario,
                                                 const std::vector<UserConfig>& configs) {
  const std::string host = options.common.host.value_or("");
  if (const auto problem = base_url_problem(host)) return "-H (--host): " + *problem;
  for (const UserConfig& config : configs) {
    if (const auto problem = base_url_problem(config.host.value_or(""))) {
      return "--config-users: host of '" + config.user_class_name + "': " + *problem;
    }
  }
  const bool starts_test = options.headless || options.autostart;
  const bool has_all_workers = options.processes != 0 || options.as_one_process;
  if (!host.empty() || !starts_test || !has_all_workers) return std::nullopt;
  return missing_host(scenario, options.user_classes, configs);
}

std::optional<std::string> missing_host(const Scenario& scenario,
                                        const std::vector<std::string>& classes,
                                        const std::vector<UserConfig>& configs) {
  const auto lines = missing_hosts(
      scenario, [&](const UserClassSpec& user) { return needs_host(user, classes, configs); });
  if (lines.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace locust::master
