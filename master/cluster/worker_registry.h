// WorkerRegistry: what the master knows of each worker process. Pure data: uses no socket and no
// clock.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/file_digests.h"
#include "master/cluster/connection_guard.h"
#include "master/cluster/reported_counts.h"
#include "master/cluster/worker_clock.h"

namespace locust::master {

// clang-format off
// A worker's place in the master's view (runners.py WorkerNode.state; "client state" in stock).
//   ready, spawning, running   what the worker last reported; these are active
//   missing                    no heartbeat for 4-5 s; its users are not counted
//   stopped                    it sent client_stopped and has not sent client_ready since; its
//                              messages are still handled
//   gone                       it quit, or was silent for about 65 s; kept for its late reports
// clang-format on
enum class WorkerState { kReady, kSpawning, kRunning, kMissing, kStopped, kGone };
inline constexpr std::size_t kWorkerStates = 6;

std::string_view to_string(WorkerState state);

constexpr bool is_active(WorkerState state) {
  return state == WorkerState::kReady || state == WorkerState::kSpawning ||
         state == WorkerState::kRunning;
}

// The Locust release that a worker claims, if it can be parsed. Other workers are assumed to
// understand everything, because third-party workers (boomer, locust4j) cope.
struct WorkerVersion {
  int major;
  int minor;
  auto operator<=>(const WorkerVersion&) const = default;
};
std::optional<WorkerVersion> parse_worker_version(std::string_view text);

// The state of a worker's last report, which it sends when it ends.
enum class LastReport {
  kDue,
  kSent,    // the worker has sent `quit`, and its last report before it
  kHeldUp,  // it ends without one, because its users did not stop
};

struct WorkerNode {
  WorkerNode(std::string worker_id, int worker_index)
      : id(std::move(worker_id)), index(worker_index) {}

  std::string id;    // ZeroMQ identity; also the third element of its messages
  int index;         // order of first contact, stable for the master's lifetime
  int liveness = 0;  // seconds until it counts as missing; see WorkerRegistry::tick
  std::optional<WorkerVersion> version;
  double cpu_usage = 0;           // percent of one core
  std::int64_t memory_usage = 0;  // bytes
  WorkerClock clock;
  // What native workers report with each heartbeat.
  std::optional<double> loop_lag_ms;
  std::vector<std::string> limits;  // why it limits the test
  // The classes it has loaded, sorted; unset until its first report.
  std::optional<std::vector<std::string>> loaded_classes;
  // It has not reported in time (boomer reports only during a test), so it is assumed to have every
  // class.
  bool classes_assumed = false;
  int seconds_without_report = 0;  // since it became ready, while its classes are unknown
  bool is_native = false;          // it has described its classes, as native workers do
  bool counts_tasks = false;       // its reports say how many tasks have begun
  // The digests of its test files (FileComparison). Null if it sent none or is gone.
  std::shared_ptr<const FileDigests> files;
  // It has answered a spawn message of the current test, so its reports belong to this test.
  bool in_test = false;
  bool cpu_warning_emitted = false;  // in this test
  ConnectionGuard connection;
  bool stop_pending = false;  // it was ordered to stop and has not sent client_stopped yet
  LastReport last_report = LastReport::kDue;
  std::optional<TimePoint> reported_at;  // its last report of the current test

  WorkerState state() const { return state_; }
  // The users that it reported last. Empty unless active.
  const UserCounts& user_classes_count() const { return user_classes_count_; }
  std::int64_t user_count() const { return user_count_; }

  bool classes_known() const { return loaded_classes || classes_assumed; }
  bool active() const { return is_active(state_); }
  bool understands(int major, int minor) const {
    return !version || version->major > major ||
           (version->major == major && version->minor >= minor);
  }

 private:
  friend class WorkerRegistry;  // which keeps sums of these
  WorkerState state_ = WorkerState::kGone;
  UserCounts user_classes_count_;
  std::int64_t user_count_ = 0;
  std::size_t class_bytes_ = 0;  // of the names in the last non-empty user_classes_count_
};

// Owned by the control thread. Workers are never moved or deleted, except that the oldest ones that
// are gone make room when kMaxWorkers is reached. References stay valid until then.
class WorkerRegistry {
 public:
  static constexpr int kHeartbeatLiveness = 3;  // runners.py HEARTBEAT_LIVENESS
  static constexpr int kHeartbeatDead = -60;    // runners.py HEARTBEAT_DEAD_INTERNAL
  static constexpr std::size_t kMaxWorkers =
      65'536;  // a flood of invented ids must not fill the memory
  static constexpr std::size_t kMaxClassBytes = std::size_t{64} << 20;  // nor must their classes

  // Registers the worker of that id as ready. A known id keeps its record and index. The worker is
  // null if the registry is full of workers that are not gone.
  struct Admission {
    WorkerNode* worker;
    bool is_new;  // not active before
  };
  Admission admit(std::string_view id, std::optional<WorkerVersion> version);
  WorkerNode* find(std::string_view id);

  // Call each second: counts down every worker's liveness. Returns the workers that became missing
  // now and those that were silent so long that they are gone now (MasterRunner.heartbeat_worker).
  struct Absences {
    std::vector<WorkerNode*> missing;
    std::vector<WorkerNode*> gone;
  };
  Absences tick();
  // A worker that is no longer active has no users.
  void set_state(WorkerNode& worker, WorkerState state);
  // `worker` must be active. Returns false, without effect, if the names of all workers' classes
  // would take more than kMaxClassBytes.
  bool set_user_classes_count(WorkerNode& worker, UserCounts counts);
  // Whole seconds since its last heartbeat, approximately.
  static int silence(const WorkerNode& worker) { return kHeartbeatLiveness - worker.liveness; }
  // Call for each heartbeat.
  static void revive(WorkerNode& worker) { worker.liveness = kHeartbeatLiveness; }

  // In order of index: all, all except those that are gone, the active ones.
  std::vector<WorkerNode*> all() { return select<WorkerNode*>(&any); }
  std::vector<WorkerNode*> present() { return select<WorkerNode*>(&not_gone); }
  std::vector<WorkerNode*> active() { return select<WorkerNode*>(&is_active); }
  std::vector<const WorkerNode*> all() const { return select<const WorkerNode*>(&any); }
  std::vector<const WorkerNode*> present() const { return select<const WorkerNode*>(&not_gone); }
  std::vector<const WorkerNode*> active() const { return select<const WorkerNode*>(&is_active); }
  // Whether it holds for any worker that is not gone.
  template <typename Predicate>
  bool any_present(Predicate holds) const {
    return std::any_of(workers_.begin(), workers_.end(), [&holds](const auto& entry) {
      return not_gone(*entry.second) && holds(*entry.second);
    });
  }
  std::size_t count(WorkerState state) const {
    return count_of_state_[static_cast<std::size_t>(state)];
  }
  std::size_t active_count() const {
    return count(WorkerState::kReady) + count(WorkerState::kSpawning) +
           count(WorkerState::kRunning);
  }

  // Sums over the active workers.
  std::int64_t user_count() const { return user_count_; }
  std::map<std::string, std::int64_t, std::less<>> user_classes_count() const;

 private:
  struct HashId {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };

  static bool any(const WorkerNode&) { return true; }
  static bool not_gone(const WorkerNode& worker) { return worker.state() != WorkerState::kGone; }
  static bool is_active(const WorkerNode& worker) { return worker.active(); }
  template <typename Pointer>
  std::vector<Pointer> select(bool (*wanted)(const WorkerNode&)) const {
    std::vector<Pointer> result;
    for (const auto& [index, worker] : workers_) {
      if (wanted(*worker)) result.push_back(worker.get());
    }
    return result;
  }
  bool make_room();
  void store(WorkerNode& worker, UserCounts counts);

  std::map<int, std::unique_ptr<WorkerNode>> workers_;  // by index
  std::unordered_map<std::string, WorkerNode*, HashId, std::equal_to<>> by_id_;
  int next_index_ = 0;

  // Updated with every change, because a master of thousands of workers reads it after every
  // message.
  std::array<std::size_t, kWorkerStates> count_of_state_{};
  std::int64_t user_count_ = 0;
  std::size_t class_bytes_ = 0;
};

}  // namespace locust::master
