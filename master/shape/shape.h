// Shape: the number of users of a test as a function of time, created from a scenario's load shape
// (common/scenario/load_shape.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/scenario/formula.h"
#include "common/scenario/scenario.h"

namespace locust::master {

// The value of a shape at some time (shape.py LoadTestShape.tick).
struct ShapeTick {
  std::int64_t users = 0;
  std::optional<double> spawn_rate;  // users per second, above 0; nullopt: all at once
  std::optional<std::vector<ClassCount>> class_counts = std::nullopt;  // nullopt: by weight
  std::optional<std::vector<std::string>> classes =
      std::nullopt;  // of new users; nullopt: unchanged

  bool operator==(const ShapeTick&) const = default;
};

// The options that a shape ignores unless its formulas read them.
struct ShapeOptions {
  std::int64_t users = 1;
  double spawn_rate = 1;
  std::optional<Duration> run_time = std::nullopt;
};

// A pure function of the run time, unless it is Python code. Immutable; copies share their state.
// Not thread-safe.
class Shape {
 public:
  static constexpr std::int64_t kMaxUsers = 1'000'000'000;

  // `spec` is one of `scenario`'s. Reads the file of a CSV shape, whose path is relative to the
  // scenario's file. Errors name the position in the scenario or in that file.
  static Result<Shape> make(const Scenario& scenario, const ShapeSpec& spec,
                            const ShapeOptions& options);

  // Returns nullopt at the end of the test.
  std::optional<ShapeTick> at(Duration run_time) const;
  // Whether it reads the option with that name: users, spawn_rate, run_time.
  bool reads(std::string_view option) const;

  // The interface of each kind of shape.
  class Load {
   public:
    virtual ~Load() = default;
    virtual std::optional<ShapeTick> at(Duration run_time) const = 0;
    virtual bool reads(std::string_view) const { return false; }
  };

 private:
  explicit Shape(std::shared_ptr<const Load> load) : load_(std::move(load)) {}

  std::shared_ptr<const Load> load_;
};

}  // namespace locust::master
