// WorkerLosses: which workers left a test before its end, and which of them came back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace locust::master {

// What a test does about a lost worker (--on-worker-loss).
enum class OnWorkerLoss {
  kContinue,   // as stock: goes on; see docs/distributed.md for whose users go where
  kRebalance,  // starts its users on the others at once, at the spawn rate
  kFail,       // ends
};

struct WorkerLoss {
  enum class Kind { kMissing, kQuit, kStopped };

  std::string id;
  int index;
  Kind kind;
  Duration after;                                     // since the begin of the test
  std::int64_t users;                                 // it reported last
  std::optional<Duration> back_after = std::nullopt;  // since it was lost

  // "a_1 (index 0) went missing after 12 s with 50 users, was back 8 s later".
  std::string to_text() const;
};

// A worker whose last report is missing at the end of a test.
struct MissingReport {
  std::string id;
  int index;
  std::optional<Duration> since_report;  // at the end; nullopt: it has sent none in this test
  std::string held_up_by = {};           // what kept its users from stopping, as it said

  // "a_1 (index 0, last report 12 s before): locustfile.py:14 in go".
  std::string to_text() const;
};

// Control thread. Pure. One test's losses, in order; of those beyond kMaxKept only the number is
// known.
class WorkerLosses {
 public:
  static constexpr std::size_t kMaxKept = 1'000;

  void begin_test(TimePoint now);
  // `loss.after` is set here.
  const WorkerLoss& add(WorkerLoss loss, TimePoint now);
  // The worker takes part again; nothing if it was not lost.
  void returned(std::string_view id, TimePoint now);

  const std::vector<WorkerLoss>& kept() const { return kept_; }
  std::size_t count() const { return count_; }

 private:
  TimePoint began_{};
  std::vector<WorkerLoss> kept_;
  WorkerLoss last_{};  // where it is not kept
  std::size_t count_ = 0;
};

}  // namespace locust::master
