// WorkerLosses: which workers left a test before its end, and which of them returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace locust::master {

// How a test reacts to a lost worker (--on-worker-loss).
enum class OnWorkerLoss {
  kContinue,   // continues, as in stock; docs/distributed.md says what becomes of its users
  kRebalance,  // starts its users on the others at once, at the spawn rate
  kFail,       // ends
};

struct WorkerLoss {
  enum class Kind { kMissing, kQuit, kStopped };

  std::string id;
  int index;
  Kind kind;
  Duration after;                                     // since the start of the test
  std::int64_t users;                                 // of its last order
  std::optional<Duration> back_after = std::nullopt;  // since it was lost

  // "a_1 (index 0) went missing after 12 s with 50 users, was back 8 s later".
  std::string to_text() const;
};

// A worker whose last report is missing at the end of a test.
struct MissingReport {
  std::string id;
  int index;
  std::optional<Duration> since_report;  // at the end; nullopt: it has sent none in this test
  std::string held_up_by = {};           // what kept its users from stopping, as it reported

  // "a_1 (index 0, last report 12 s before): locustfile.py:14 in go".
  std::string to_text() const;
};

// Control thread. Pure. One test's losses, in order. Beyond kMaxKept they are only counted.
class WorkerLosses {
 public:
  static constexpr std::size_t kMaxKept = 1'000;

  void begin_test(TimePoint now);
  // Sets `loss.after`.
  const WorkerLoss& add(WorkerLoss loss, TimePoint now);
  // The worker takes part again. No effect if it was not lost.
  void returned(std::string_view id, TimePoint now);

  const std::vector<WorkerLoss>& kept() const { return kept_; }
  std::size_t count() const { return count_; }

 private:
  TimePoint began_{};
  std::vector<WorkerLoss> kept_;
  WorkerLoss last_{};  // the last one, if it is not kept
  std::size_t count_ = 0;
};

}  // namespace locust::master
