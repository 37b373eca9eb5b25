// RunJudge: what a run is judged by: the thresholds and checks of its last test, and what speaks
// against its figures. The exit code follows from them.
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

  // A test begins; nothing of the one before counts.
  void begin_test();
  // Its users are being started: from now on a threshold may end it.
  void watch() { thresholds_.start(); }
  // No threshold ends anything any more.
  void unwatch() { thresholds_.stop(); }
  // To be called before the statistics of a test that is over are reset: its verdicts stay.
  void keep();
  // The exit code is 1, whatever else is said: no test could be started, or a worker was lost.
  void fail() { result_.forced_exit_code = 1; }

  // Of the test that runs or ran last; none before the first.
  std::vector<Verdict> verdicts() const { return judgement().verdicts; }
  // To be called when the master's quit is complete: logs what speaks against the run, and returns
  // the exit code.
  int conclude();
  // What the exit code follows from; complete after conclude().
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
