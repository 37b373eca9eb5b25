// SelfDiagnosis: detects that this worker, and not the target, limits a test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace locust::worker {

// Measurements since the last report.
struct GeneratorSample {
  Duration loop_lag{};                    // the worst lag of the users' loop
  std::uint64_t late_timers = 0;          // how often it was late by more than SelfDiagnosis::kLate
  double cpu_percent = 0;                 // of the CPU that this process may use
  std::uint64_t throttled_periods = 0;    // of the CPU quota
  std::uint64_t port_failures = 0;        // requests that found no free local port
  std::uint64_t descriptor_failures = 0;  // requests that found no free file descriptor
  std::uint64_t open_files = 0;           // 0: not known
  std::uint64_t open_file_limit = 0;
};

// Has no side effects; used on the control thread. A symptom counts when it occurs; those of load
// (loop, CPU) only in two consecutive reports, because one slow moment is not a limit.
class SelfDiagnosis {
 public:
  static constexpr Duration kLate = std::chrono::milliseconds(100);
  static constexpr double kBusyPercent = 95;
  static constexpr double kFullShare = 0.95;      // of the open file limit
  static constexpr std::uint64_t kOwnFiles = 32;  // open independently of users

  enum class Symptom { kLoop, kCpu, kPorts, kDescriptors };

  // Starts a new test: discards earlier findings.
  void begin_test() { *this = {}; }
  // Returns a log line, once per test, if there are fewer file descriptors than users: each user
  // needs one for its connection.
  std::optional<std::string> note_target(std::uint64_t users, std::uint64_t open_file_limit);
  // Returns a log line for each symptom that occurs for the first time in this test.
  std::vector<std::string> note(const GeneratorSample& sample);

  // The symptoms found in this test: "loop", "cpu", "ports", "descriptors".
  std::vector<std::string> found() const;
  const GeneratorSample& last() const { return last_; }

 private:
  struct State {
    bool suspected = false;
    bool found = false;
  };
  // The number of consecutive reports that confirm a symptom.
  enum class Evidence { kOnce, kTwice };
  bool confirm(Symptom symptom, bool seen, Evidence needed);

  std::array<State, 4> states_{};
  bool too_many_users_said_ = false;
  GeneratorSample last_{};
};

}  // namespace locust::worker
