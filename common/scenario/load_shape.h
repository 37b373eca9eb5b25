// Load shapes of a test: the number of users as a function of time. Plain data, part of Scenario;
// the master creates a Shape (master/shape/shape.h) from it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/scenario/source_pos.h"

namespace locust {

// The number of users of a class.
struct ClassCount {
  std::string name;
  int count = 0;

  bool operator==(const ClassCount&) const = default;
};

struct ShapeStage {
  SourcePos pos;
  Duration end{};                    // in run time
  std::int64_t users = 0;            // of all classes
  std::vector<ClassCount> classes;   // empty: by weight
  std::optional<double> spawn_rate;  // users per second; nullopt: evenly over the stage
};

// See common/scenario/formula.h.
struct FormulaSpec {
  SourcePos pos;
  std::string text;
};

struct ShapeFormulas {
  FormulaSpec users;
  std::optional<FormulaSpec> spawn_rate;  // nullopt: each second's users start within that second
  std::optional<Duration> until;
};

// Rows of time, users and spawn rate in a file.
struct ShapeFile {
  SourcePos pos;
  std::string path;  // as written
};

// A LoadTestShape of a Python locustfile.
struct ShapeCode {
  struct Tick {
    std::int64_t users = 0;
    double spawn_rate = 1;
    std::optional<std::vector<std::string>> classes;  // of new users; nullopt: unchanged
  };
  // Called once per second, first with 0. nullopt ends the test.
  std::function<std::optional<Tick>(Duration run_time)> tick;
  bool reads_options = false;  // it uses --users, --spawn-rate and --run-time
};

struct ShapeSpec {
  SourcePos pos;
  std::string name;
  std::variant<std::vector<ShapeStage>, ShapeFormulas, ShapeFile, ShapeCode> load;
};

}  // namespace locust
