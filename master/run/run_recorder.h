// RunRecorder: records a run every second for the page and the report: its history, the start and
// end of tests, and a RunView of each moment.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/cluster/master.h"
#include "master/report/history.h"
#include "master/report/run_view.h"
#include "master/run/run_plan.h"

namespace locust::master {

// Control thread. `master` must outlive it; it subscribes to its events.
class RunRecorder final : public MasterEvents {
 public:
  // The series of /metrics: one for each of a test's first request names.
  static constexpr std::size_t kMaxMetricNames = 200;

  RunRecorder(Master& master, std::size_t expected_workers)
      : master_(master), expected_workers_(expected_workers) {
    master_.subscribe(*this);
  }
  ~RunRecorder() { master_.unsubscribe(*this); }
  RunRecorder(const RunRecorder&) = delete;
  RunRecorder& operator=(const RunRecorder&) = delete;

  // At least once a second, in order.
  void see(const Snapshot& snapshot, const RunPlan& plan);
  // The running test was edited.
  void note_edit(double time);
  void on_before_stats_reset() override;

  // Of the last snapshot.
  RunViewPtr view(SnapshotPtr snapshot, std::vector<Verdict> verdicts, const FormView& form);

 private:
  void begin_test(const Snapshot& snapshot);
  void end_test(const Snapshot& snapshot);
  void add_sample(const Snapshot& snapshot);
  void see_workers(bool users_run);
  std::vector<std::string> hosts() const;
  void add_details(RunView& view) const;
  void add_metrics(RunView& view) const;
  std::vector<ClassView> classes() const;
  void count_versions(const RunView& view);

  Master& master_;
  const std::size_t expected_workers_;
  History history_;
  RunInfo run_;
  bool in_test_ = false;
  double last_sample_ = 0;  // its time
  std::map<std::string, std::int64_t, std::less<>> tasks_users_;
  std::map<int, WorkerView> test_workers_;  // by index
  ViewVersions versions_;
  // What the versions were last computed from.
  struct Seen {
    std::int64_t requests = -1;
    std::int64_t failures = -1;
    double rps = -1;
    std::string state;
    std::int64_t exceptions = -1;
    std::vector<WorkerView> workers;
    std::map<std::string, std::int64_t, std::less<>> tasks_users;
    std::vector<ClassView> classes;
    FormView form;
  } seen_;
};

}  // namespace locust::master
