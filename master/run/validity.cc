#include "master/run/validity.h"

#include "master/cluster/named_list.h"

namespace locust::master {
namespace {

std::string same(const std::string& id) { return id; }

}  // namespace

std::vector<std::string> invalid_reasons(const Master& master) {
  std::vector<std::string> reasons;
  if (const WorkerLosses& losses = master.losses(); losses.count() > 0) {
    reasons.push_back(fmt::format("{} worker(s) were lost during the test: {}", losses.count(),
                                  named_list(losses.kept(), losses.count(), "; ",
                                             [](const WorkerLoss& l) { return l.to_text(); })));
  }
  if (master.was_silent()) {
    reasons.emplace_back(
        "Users were to run, but no request was made and no task began: their __init__ or on_start "
        "has failed or did not end in time (see the workers' logs), or they have no tasks (tags, "
        "--config-users)");
  }
  const auto report_text = [](const MissingReport& m) { return m.to_text(); };
  if (master.unfinished_count() > 0) {
    reasons.push_back(fmt::format(
        "{} worker(s) ended without their last report, because their users did not stop in time; "
        "what they measured since their previous report is missing: {}",
        master.unfinished_count(),
        named_list(master.unfinished(), master.unfinished_count(), "; ", report_text)));
  }
  if (const auto undelivered = master.undelivered(); !undelivered.empty()) {
    reasons.push_back(fmt::format(
        "{} worker(s) did not deliver their last report, so the totals may lack their last "
        "seconds: {}",
        undelivered.size(), named_list(undelivered, undelivered.size(), ", ", report_text)));
  }
  if (const auto& bound = master.generator_bound(); !bound.empty()) {
    reasons.push_back(
        fmt::format("{} worker(s) limited the test, so the figures are the load generator's: {}",
                    bound.size(), named_list(bound, bound.size(), ", ", same)));
  }
  if (const FileComparison& files = master.file_comparison(); files.count() > 0) {
    reasons.push_back(files.to_text());
  }
  return reasons;
}

}  // namespace locust::master
