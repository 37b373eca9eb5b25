// GeneratorWatch: measures this process for its self-diagnosis.
#pragma once

#include <cstdint>
#include <functional>

#include "worker/loop/self_diagnosis.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// Logs its findings. Used on the control thread.
class GeneratorWatch {
 public:
  // `throttled_periods` returns the number of throttled periods of the CPU quota so far; empty if
  // there is no quota.
  GeneratorWatch(std::uint64_t open_file_limit, std::function<std::uint64_t()> throttled_periods);

  void begin_test();
  // The target count of this worker.
  void note_target(std::uint64_t users);
  // Evaluates a report of a running test. `cpu_percent` is the CPU usage of this process relative
  // to what it may use.
  void note(const LoopReport& report, double cpu_percent);

  const SelfDiagnosis& diagnosis() const { return diagnosis_; }

 private:
  std::uint64_t count_throttled() const { return count_ ? count_() : 0; }

  const std::uint64_t open_file_limit_;
  const std::function<std::uint64_t()> count_;
  std::uint64_t throttled_periods_ = 0;  // up to the last report
  SelfDiagnosis diagnosis_;
};

}  // namespace locust::worker
