// RunJudge: judges a run by the thresholds and checks of its last test and by the validity of its
// figures, and determines the exit code.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/base/scheduler.h"
#include "master/cluster/master.h"
#include "master/report/run_result.h"
#include "master/run/master_options.h"
#include "master/run/threshold_watch.h"

namespace locust::master {

// Control thread. All that it is given must outlive it.
class RunJudge final {
 public:
  // `violated` is called when a threshold that ends the test does not hold.
  RunJudge(Scheduler& scheduler, const Master& master, const VerdictOptions& options,
           std::vector<Threshold> thresholds, std::function<void(const Verdict&)> violated);

  // A test begins. Forgets the previous one.
  void begin_test();
  // Its users are being started. From now on a threshold may end it.
  void watch() { thresholds_.start(); }
  // Thresholds no longer end the test.
  void unwatch() { thresholds_.stop(); }
  // Call before the statistics of a test that is over are reset. Keeps its verdicts.
  void keep();
  // Sets the exit code to 1 whatever the verdicts: no test could be started, or a worker was lost.
  void fail() { result_.forced_exit_code = 1; }

  // Of the current test or the last one; empty before the first.
  std::vector<Verdict> verdicts() const { return judgement().verdicts; }
  // Call when the master's quit is complete. Logs why the run is invalid or failed, and returns the
  // exit code.
  int conclude();
  // The basis of the exit code; complete after conclude().
  const RunResult& result() const { return result_; }

 private:
  struct Judgement {
    std::vector<Verdict> verdicts = {};
    std::vector<CheckResult> checks = {};
  };
  Judgement judgement() const;
  void log_result() const;

  const Master& master_;
  const VerdictOptions& options_;
  ThresholdWatch thresholds_;
  bool has_tested_ = false;
  std::optional<Judgement> kept_;
  RunResult result_;
};

}  // namespace locust::master
