// TestRun: what main needs of a run, whether the command line leads it or a person with a page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/cluster/master.h"
#include "master/report/checks.h"
#include "master/report/run_result.h"

namespace locust::master {

// What the test that runs, or ran last, is to do.
struct RunPlan {
  std::optional<std::int64_t> run_time = std::nullopt;  // seconds
  std::optional<std::string> shape = std::nullopt;
};

// Control thread.
class TestRun {
 public:
  virtual ~TestRun() = default;

  virtual void begin() = 0;
  // Of the terminal.
  virtual void press(char key) = 0;
  // SIGINT, SIGTERM, SIGHUP: ends the test and the workers. A second call does not wait for them any
  // longer.
  virtual void interrupt() = 0;
  // What the exit code follows from; complete when the run is over.
  virtual const RunResult& result() const = 0;
  virtual std::vector<Verdict> verdicts() const = 0;
  virtual RunPlan plan() const = 0;
};

// What a test is judged by at its end.
struct Judgement {
  std::vector<Verdict> verdicts = {};
  std::vector<CheckResult> checks = {};
};

// To be asked when the master's quit is complete: adds to `result` what the run is judged by, and
// logs what speaks against it. Returns the exit code.
int conclude(const Master& master, Judgement judgement, const ExitRules& rules, RunResult& result);

// How many users a key asks for: w and W for 1 and 10 more, s and S for as many less (main.py
// input_listener). Nothing: it is no such key, or users are being spawned, which is logged.
std::optional<std::int64_t> users_of_key(const Master& master, char key);
inline constexpr double kKeySpawnRate = 100;  // users per second

// Logs, as stock does, that the fixed counts of the classes exceed the users that a test is started with.
void note_fixed_counts(const Master& master, std::int64_t users);

// Why no test can begin with the classes that the master knows; nothing if one can.
std::optional<std::string> missing_classes(const UserClassCatalog& catalog);

}  // namespace locust::master
