// GeneratorWatch: what this process measures of itself, for its diagnosis.
#pragma once

#include <cstdint>
#include <functional>

#include "worker/loop/self_diagnosis.h"
#include "worker/loop/user_loop.h"

namespace locust::worker {

// Logs what it finds. The control thread's.
class GeneratorWatch {
 public:
  // `throttled_periods` counts those of the CPU quota so far; empty: there is no quota.
  GeneratorWatch(std::uint64_t open_file_limit, std::function<std::uint64_t()> throttled_periods);

  void begin_test();
  // So many users are wanted.
  void note_target(std::uint64_t users);
  // Of a test that runs. `cpu_percent` is what this process uses of what it may.
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
