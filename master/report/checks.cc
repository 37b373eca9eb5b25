#include "master/report/checks.h"

namespace locust::master {

std::vector<CheckResult> run_checks(const CheckOptions& options, const StatsEntry& total) {
  std::vector<CheckResult> results;
  const auto add = [&results](bool passed, const char* what, double value, double limit,
                              int decimals, const char* unit) {
    results.push_back({passed, std::string(what) + " was " + fixed(value, decimals) + unit +
                                   " (threshold " + fixed(limit, decimals) + unit + ")"});
  };
  if (options.fail_ratio) {
    const double ratio = total.fail_ratio();
    add(ratio <= *options.fail_ratio, "fail ratio", ratio * 100, *options.fail_ratio * 100, 2, "%");
  }
  if (options.rps) {
    const double rps = total.total_rps(total);
    add(rps >= *options.rps, "total rps", rps, *options.rps, 1, "");
  }
  if (options.avg_response_time) {
    const double avg = total.avg_response_time();
    add(avg <= *options.avg_response_time, "avg response time", avg, *options.avg_response_time, 1,
        "");
  }
  return results;
}

}  // namespace locust::master
