#include "master/cluster/test_results.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/base/number.h"
#include "common/base/printable.h"
#include "common/base/utf8.h"
#include "common/stats/mask_stats.h"

namespace locust::master {
namespace {

constexpr double kCpuWarningThreshold = 90;  // percent; runners.py CPU_WARNING_THRESHOLD
constexpr std::size_t kMaxLimits = 8;
constexpr std::size_t kMaxLimitBytes = 32;
constexpr std::size_t kMaxHeldUpByBytes = 500;

}  // namespace

TestResults::TestResults(const RunClock& clock, WorkerRegistry& registry, Options options)
    : clock_(clock),
      registry_(registry),
      percentiles_(std::move(options.percentiles)),
      resets_after_ramp_(options.reset_stats),
      stats_(clock_.wall_time()),
      exceptions_(limit_warnings_),
      file_comparison_(std::move(options.files)) {}

void TestResults::begin_test() {
  began_ = clock_.wall_time();
  stats_.clear_all(*began_);
  exceptions_.clear();
  tasks_begun_ = 0;
  generator_bound_.clear();
  cpu_warning_emitted_ = false;
  losses_.begin_test(clock_.now());
  unfinished_.clear();
  unfinished_count_ = 0;
  limit_warnings_.begin_test();
  for (WorkerNode* worker : registry_.all()) {
    worker->in_test = false;
    worker->cpu_warning_emitted = false;
    worker->reported_at.reset();
    if (worker->last_report == LastReport::kHeldUp) worker->last_report = LastReport::kDue;
  }
  file_comparison_.begin_test(std::as_const(registry_).present());
  if (file_comparison_.count() > 0) log::runners().warn("{}", file_comparison_.to_text());
}

void TestResults::reset() {
  reset_statistics();
  exceptions_.clear();
}

void TestResults::reset_statistics() { stats_.reset_all(clock_.wall_time()); }

// ---- What workers report ----

void TestResults::worker_takes_part(WorkerNode& worker) const {
  // It cleared its statistics when it received the first order.
  if (!std::exchange(worker.in_test, true)) worker.clock.reset_at(clock_.wall_time());
}

void TestResults::take_report(WorkerNode& worker, StatsReport& report) {
  if (!worker.in_test) return;
  const double now = clock_.wall_time();
  worker.reported_at = clock_.now();
  correct_times(report, worker.clock.correction(), began_.value_or(now), now);
  mask_report(report, *masker(), evidence_level());
  merge(report);
}

void TestResults::merge(const StatsReport& report) {
  stats_.extend(report, clock_.wall_time());
  if (stats_.has_other_entries()) {
    limit_warnings_.reached("request names", RequestStats::kMaxEntries,
                            "the others are counted in the row (others); if URLs contain ids, "
                            "give their requests a name");
  }
  if (stats_.is_full()) {
    limit_warnings_.reached(
        "MiB of statistics", RequestStats::kMaxMemory >> 20,
        "new names are counted in the row (others), and figures lose precision");
  }
  if (stats_.has_other_errors()) {
    limit_warnings_.reached("kinds of failures", RequestStats::kMaxErrors,
                            "the others are counted as (others)");
  }
}

void TestResults::take_exception(const WorkerNode& worker, std::string_view msg,
                                 std::string_view traceback) {
  if (worker.in_test) exceptions_.add(worker.id, msg, traceback);
}

void TestResults::count_tasks(WorkerNode& worker, std::int64_t tasks) {
  worker.counts_tasks = true;
  if (worker.in_test && tasks > 0) tasks_begun_ = saturating_add(tasks_begun_, tasks);
}

void TestResults::take_cpu_usage(WorkerNode& worker) {
  if (worker.cpu_usage <= kCpuWarningThreshold) return;
  if (std::exchange(worker.cpu_warning_emitted, true)) return;
  cpu_warning_emitted_ = true;
  log::runners().warn(
      "Worker {} (index {}) exceeded cpu threshold (will only log this once per worker)", worker.id,
      worker.index);
}

void TestResults::take_limits(WorkerNode& worker, const std::vector<std::string>& limits) {
  worker.limits.clear();
  if (limits.empty() || !worker.in_test) return;
  std::string list;
  for (const std::string& limit : limits) {
    if (worker.limits.size() == kMaxLimits) break;
    list += (list.empty() ? "" : ", ") + limit;
    worker.limits.push_back(limit.substr(0, kMaxLimitBytes));
  }
  if (!generator_bound_.insert(worker.id).second) return;
  log::runners().warn("Worker {} (index {}) limits the test: {}", worker.id, worker.index,
                      quoted_part(list));
}

void TestResults::take_files(WorkerNode& worker, FileDigests files, Test test) {
  if (files.empty()) return;
  worker.files = file_comparison_.keep(std::move(files));
  if (test == Test::kOn && file_comparison_.add(worker)) {
    log::runners().warn("{}", file_comparison_.to_text());
  }
}

void TestResults::note_unfinished(WorkerNode& worker, std::string_view held_up_by) {
  if (!worker.in_test || worker.last_report == LastReport::kHeldUp) return;
  worker.last_report = LastReport::kHeldUp;
  MissingReport missing = missing_report(worker);
  append_printable(missing.held_up_by, cut_utf8(held_up_by, kMaxHeldUpByBytes));
  log::runners().warn(
      "A worker ends without its last report, because its users did not stop in time: {}",
      missing.to_text());
  ++unfinished_count_;
  if (unfinished_.size() < kMaxUnfinished) unfinished_.push_back(std::move(missing));
}

const WorkerLoss& TestResults::add_loss(const WorkerNode& worker, WorkerLoss::Kind how,
                                        std::int64_t users) {
  return losses_.add(
      {.id = worker.id, .index = worker.index, .kind = how, .after = {}, .users = users},
      clock_.now());
}

// ---- The results ----

MissingReport TestResults::missing_report(const WorkerNode& worker) const {
  MissingReport missing{.id = worker.id, .index = worker.index, .since_report = std::nullopt};
  if (worker.reported_at) missing.since_report = clock_.now() - *worker.reported_at;
  return missing;
}

std::vector<MissingReport> TestResults::undelivered() const {
  std::vector<MissingReport> missing;
  for (const WorkerNode* worker : std::as_const(registry_).all()) {
    const bool owes = worker->in_test && worker->last_report == LastReport::kDue;
    if (owes) missing.push_back(missing_report(*worker));
  }
  return missing;
}

bool TestResults::nothing_happened() const {
  if (tasks_begun_ > 0 || stats_.total().num_requests > 0) return false;
  if (!stats_.errors().empty() || !exceptions_.empty()) return false;
  if (losses_.count() > 0 || unfinished_count_ > 0) return false;
  const auto workers = std::as_const(registry_).all();
  return std::all_of(workers.begin(), workers.end(), [](const WorkerNode* worker) {
    return !worker->in_test || worker->counts_tasks;
  });
}

void TestResults::fill(Snapshot& snapshot) const {
  snapshot.time = clock_.wall_time();
  snapshot.start_time = began_;
  snapshot.stats = summarize(stats_, snapshot.time, percentiles_);
  snapshot.exceptions = exceptions_.views();
}

}  // namespace locust::master
