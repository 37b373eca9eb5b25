// RunView: the data of a run at one moment for the page, the API and the HTML report: the Snapshot
// of that second and further data. Created on the control thread, then immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/stats/task_ratio.h"
#include "master/report/history.h"
#include "master/report/snapshot.h"
#include "master/report/verdict.h"

namespace locust::master {

struct ClassView {
  std::string name;
  double weight = 1;
  std::int64_t fixed_count = 0;
  std::optional<std::string> host = std::nullopt;
  std::vector<TaskRatio> tasks = {};  // empty: unknown to the master and to native workers
  bool in_test = true;                // not excluded by the command line or the class picker

  bool operator==(const ClassView&) const = default;
};

// The running test, or the last one.
struct RunInfo {
  int id = 0;  // 0: none yet
  std::optional<double> start_time = std::nullopt;
  std::optional<double> end_time = std::nullopt;
  std::optional<std::string> host = std::nullopt;  // of -H or the form, for all classes
  // The hosts of the test: `host`, otherwise those of its classes, each once, in order of the
  // classes' names. Empty if only stock workers know them.
  std::vector<std::string> hosts = {};
  std::int64_t target_user_count = 0;
  double spawn_rate = 0;
  std::optional<std::int64_t> run_time = std::nullopt;  // seconds
  std::optional<std::string> shape = std::nullopt;
};

// A field of the form for an argument of the scenario or the locustfile.
struct FormArgument {
  enum class Type { kText, kNumber, kBool };
  std::string name;
  std::string value;  // empty for a secret
  std::string help = {};
  bool secret = false;
  Type type = Type::kText;
  std::vector<std::string> choices = {};  // empty: anything
  bool multiple = false;                  // a list, with elements separated by commas
  bool hidden = false;                    // not in the page's form; /swarm accepts it

  bool operator==(const FormArgument&) const = default;
};

// The initial values of the form that starts a test.
struct FormView {
  std::int64_t users = 1;
  double spawn_rate = 1;
  std::string host;
  std::string run_time;  // "1m", or empty
  std::string profile;
  bool class_picker = false;
  std::vector<std::string> shapes;
  std::optional<std::string> shape = std::nullopt;
  bool use_common_options = true;  // false: the shape reads none of users, spawn rate, run time
  std::vector<FormArgument> arguments;
  std::string locustfile;  // file name of the scenario, "locustfile" without one
  bool full_history = false;

  bool operator==(const FormView&) const = default;
};

// Times of one phase of requests by chosen percentile, in milliseconds; empty: none was measured.
struct PhaseTimes {
  std::vector<double> dns = {};
  std::vector<double> connect = {};
  std::vector<double> tls = {};
  std::vector<double> first_byte = {};
  bool empty() const { return dns.empty() && connect.empty() && tls.empty() && first_byte.empty(); }
};

// One series of /metrics.
struct MetricRow {
  std::string method;
  std::string name;
  std::int64_t num_requests = 0;
  std::int64_t num_failures = 0;
  double total_response_time = 0;              // milliseconds
  std::vector<std::int64_t> time_counts = {};  // as count_by_bounds of RunView::metric_bounds
};

// The version of each collection, which grows when it changes.
struct ViewVersions {
  std::uint64_t entries = 0;
  std::uint64_t failures = 0;
  std::uint64_t exceptions = 0;
  std::uint64_t workers = 0;
  std::uint64_t logs = 0;
  std::uint64_t tasks = 0;
  std::uint64_t history = 0;
  std::uint64_t form = 0;
};

struct RunView {
  SnapshotPtr snapshot;
  RunInfo run;
  std::size_t expected_workers = 1;
  std::vector<Verdict> thresholds;
  std::vector<std::string> warnings;
  // The workers of the test, by index, in their state when users ran last; before the first test
  // those of the snapshot. Only the first kMaxReportedWorkers.
  static constexpr std::size_t kMaxReportedWorkers = 10'000;
  std::vector<WorkerView> test_workers;
  std::vector<ClassView> classes;  // by name
  // The users by class for the ratios of tasks: those at the end, if the test is over.
  std::map<std::string, std::int64_t, std::less<>> tasks_users;
  PhaseTimes total_phases;
  std::vector<PhaseTimes> entry_phases;          // as Snapshot::stats.entries
  std::vector<std::pair<double, double>> curve;  // of all requests: percentile, milliseconds
  std::vector<double> metric_bounds;             // milliseconds
  // The names that appeared first, so that series stay the same; the others are counted as
  // (others).
  std::vector<MetricRow> metrics;
  MetricRow metrics_total;
  HistoryView history;
  FormView form;
  ViewVersions versions;
};

using RunViewPtr = std::shared_ptr<const RunView>;

}  // namespace locust::master
