// ThresholdWatch: judges the thresholds of a test while it runs and at its end.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/base/scheduler.h"
#include "master/report/verdict.h"

namespace locust::master {

// Control thread. `scheduler` and the master's `clock` and `stats` must outlive it.
class ThresholdWatch final {
 public:
  // `violated` is called at most once, when a threshold that ends the test does not hold.
  ThresholdWatch(Scheduler& scheduler, const Clock& clock, const RequestStats& stats,
                 std::vector<Threshold> thresholds, std::function<void(const Verdict&)> violated);
  ~ThresholdWatch() { stop(); }
  ThresholdWatch(const ThresholdWatch&) = delete;
  ThresholdWatch& operator=(const ThresholdWatch&) = delete;

  // A test begins, with empty statistics.
  void start();
  // Thresholds no longer end the test. Verdicts so far stay.
  void stop();

  // The verdicts by the current statistics, in the order of the thresholds. A threshold that ended
  // the test stays violated.
  std::vector<Verdict> verdicts() const;

 private:
  struct Watched {
    Threshold threshold;
    bool begun = false;  // `after` is over
    // That time and the statistics at that time, which are empty without `after`.
    double time = 0;
    std::optional<StatsEntry> row = std::nullopt;
    std::optional<StatsEntry> total = std::nullopt;
    std::optional<Verdict> violation = std::nullopt;  // that ended the test
  };

  const StatsEntry* row_of(const Threshold& threshold) const;
  void tick();
  void begin(Watched& watched) const;
  Verdict judge_now(const Watched& watched) const;

  Scheduler& scheduler_;
  const Clock& clock_;
  const RequestStats& stats_;
  std::vector<Watched> watched_;
  const std::function<void(const Verdict&)> violated_;
  TimePoint began_{};
  TimerId timer_ = 0;
};

}  // namespace locust::master
