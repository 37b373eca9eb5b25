// WantedExit: the exit code that test code asks for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "proto/message.h"

namespace locust::master {

// Control thread. If master and workers are one process to the operator (as_one_process), test code
// on native workers counts as if it ran here.
class WantedExit {
 public:
  enum class Workers { kCount, kDoNotCount };
  explicit WantedExit(Workers workers) : workers_(workers) {}

  // The first code wins.
  void want(int code) {
    if (!code_) code_ = code;
  }
  std::optional<int> code() const { return code_; }

  // Takes the extension of a native worker's report. Returns true if it asks for the end of the run
  // and is the first one to do so.
  bool take(const proto::StatsExtension& said) {
    if (workers_ == Workers::kDoNotCount) return false;
    uncaught_ |= said.uncaught;
    if (!said.exit_code || code_) return false;
    want(static_cast<int>(std::clamp<std::int64_t>(*said.exit_code, 0, 255)));
    return true;
  }
  // Call at the end of a test without failures and exceptions. An uncaught exception then sets a
  // code (main.py).
  void end_without_failures() {
    constexpr int kUncaught = 2;
    if (uncaught_) want(kUncaught);
  }

 private:
  const Workers workers_;
  std::optional<int> code_;
  bool uncaught_ = false;  // on a worker
};

}  // namespace locust::master
