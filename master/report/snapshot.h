// Snapshot: the state of a run at one moment for its views (console, files, page, API). Created on
// the control thread, then immutable. Views of the same snapshot agree.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/stats/stats_summary.h"

namespace locust::master {

struct WorkerView {
  std::string id;
  int index;
  std::string state;
  std::int64_t user_count;
  double cpu_usage;           // percent of one core
  std::int64_t memory_usage;  // bytes
  double clock_ahead;         // measured seconds (clock_offset.h); corrected if above one
  bool native = false;        // the next two members are known
  std::optional<double> loop_lag_ms = std::nullopt;  // the worst since its last report
  std::vector<std::string> limits =
      {};  // how it limits the test: "cpu", "loop"; empty if it does not

  bool operator==(const WorkerView&) const = default;
};

// One kind of exception raised by test code, grouped by its traceback (runners.py log_exception).
struct ExceptionView {
  std::string msg;
  std::string traceback;
  std::int64_t count = 0;
  std::set<std::string> nodes;  // ids of the workers that reported it
};

struct Snapshot {
  double time;                       // seconds since the epoch
  std::optional<double> start_time;  // of the test, as above; nullopt before the first
  std::string state;                 // ready, spawning, running, stopping, stopped
  std::int64_t user_count;
  std::map<std::string, std::int64_t, std::less<>> user_classes_count;
  std::vector<WorkerView> workers;  // by index
  StatsSummary stats;
  std::vector<ExceptionView> exceptions;  // in order of first appearance
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace locust::master
