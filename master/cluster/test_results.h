// TestResults: the figures of a test, and reasons why they may be wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_digests.h"
#include "common/stats/run_clock.h"
#include "common/stats/stats.h"
#include "master/cluster/exception_log.h"
#include "master/cluster/file_comparison.h"
#include "master/cluster/limit_warnings.h"
#include "master/cluster/worker_losses.h"
#include "master/cluster/worker_registry.h"
#include "master/report/snapshot.h"

namespace locust::master {

// Control thread. All arguments of the constructor must outlive it. Holds the results of the
// current test, or of the last one; begin_test() clears them. A worker's reports belong to the test
// once it has answered the test's first order: its messages arrive in order, so earlier ones belong
// to the previous test (Worker::in_test). It logs, and sends nothing. Its memory is bounded
// whatever workers send.
class TestResults {
 public:
  static constexpr std::size_t kMaxUnfinished = 1'000;

  struct Options {
    FileDigests files = {};                // of the master's own scenario; empty: none
    std::vector<double> percentiles = {};  // StatsSummary::percentiles of the snapshots
    bool reset_stats = false;              // after each ramp
  };
  TestResults(const RunClock& clock, WorkerRegistry& registry, Options options);

  void begin_test();
  // Resets statistics and exceptions; the test continues (stock's /stats/reset).
  void reset();
  // Call at the end of a ramp with --reset-stats. Exceptions stay, as in stock.
  void reset_statistics();
  bool resets_after_ramp() const { return resets_after_ramp_; }
  void set_resets_after_ramp(bool resets) { resets_after_ramp_ = resets; }

  // --- What workers report. All of it is ignored unless the worker is in the test.
  // The worker has answered an order of the current test.
  void worker_takes_part(WorkerNode& worker) const;
  // Corrects the report's times by the worker's clock, masks it, and merges it.
  void take_report(WorkerNode& worker, StatsReport& report);
  void take_exception(const WorkerNode& worker, std::string_view msg, std::string_view traceback);
  // Tasks begun since the last report. Only native workers count them.
  void count_tasks(WorkerNode& worker, std::int64_t tasks);
  void take_cpu_usage(WorkerNode& worker);
  // Why the worker, and not the target, limits the test; empty if it does not.
  void take_limits(WorkerNode& worker, const std::vector<std::string>& limits);
  // Sent once after each ack. In a test, logs a warning if the worker's files differ.
  enum class Test { kOff, kOn };
  void take_files(WorkerNode& worker, FileDigests files, Test test);
  // The worker ends without its last report, because its users did not stop in time.
  void note_unfinished(WorkerNode& worker, std::string_view held_up_by);

  // --- Workers that leave a test before its end.
  const WorkerLoss& add_loss(const WorkerNode& worker, WorkerLoss::Kind how, std::int64_t users);
  void worker_returned(const WorkerNode& worker) { losses_.returned(worker.id, clock_.now()); }

  // --- The results.
  RequestStats& stats() { return stats_; }
  const RequestStats& stats() const { return stats_; }
  const ExceptionLog& exceptions() const { return exceptions_; }
  // Workers that reported that they limit the test.
  const std::set<std::string>& generator_bound() const { return generator_bound_; }
  const WorkerLosses& losses() const { return losses_; }
  const FileComparison& file_comparison() const { return file_comparison_; }
  bool cpu_warning_emitted() const { return cpu_warning_emitted_; }
  // The first kMaxUnfinished of the workers that ended without their last report.
  const std::vector<MissingReport>& unfinished() const { return unfinished_; }
  std::size_t unfinished_count() const { return unfinished_count_; }
  // Workers whose last report has not arrived, except those of unfinished().
  std::vector<MissingReport> undelivered() const;
  // Whether there was no request, task, failure or exception. False if that is not certain because
  // a worker was lost, or does not count tasks, as stock workers.
  bool nothing_happened() const;
  // Sets the snapshot's time, test start, statistics and exceptions.
  void fill(Snapshot& snapshot) const;

 private:
  void merge(const StatsReport& report);
  MissingReport missing_report(const WorkerNode& worker) const;

  const RunClock& clock_;
  WorkerRegistry& registry_;
  const std::vector<double> percentiles_;
  bool resets_after_ramp_;
  LimitWarnings limit_warnings_;
  std::optional<double> began_;  // wall time of the clock
  RequestStats stats_;
  ExceptionLog exceptions_;
  std::int64_t tasks_begun_ = 0;
  std::set<std::string> generator_bound_;
  bool cpu_warning_emitted_ = false;
  WorkerLosses losses_;
  FileComparison file_comparison_;
  std::vector<MissingReport> unfinished_;
  std::size_t unfinished_count_ = 0;
};

}  // namespace locust::master
