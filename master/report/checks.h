// The checks of locust-plugins: --check-fail-ratio, --check-avg-response-time, --check-rps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/stats/stats.h"

namespace locust::master {

struct CheckOptions {
  std::optional<double> fail_ratio = std::nullopt;         // at most, 0.0 to 1.0
  std::optional<double> avg_response_time = std::nullopt;  // at most, milliseconds
  std::optional<double> rps = std::nullopt;                // at least
};

struct CheckResult {
  bool passed = false;
  std::string text;  // "fail ratio was 2.00% (threshold 1.00%)"
};

// One result for each option that is given, over the whole run.
std::vector<CheckResult> run_checks(const CheckOptions& options, const StatsEntry& total);

}  // namespace locust::master
