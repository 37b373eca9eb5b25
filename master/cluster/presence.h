// Presence: tracks which workers are connected, which are silent, and how far their clocks are off
// (runners.py MasterRunner.heartbeat_worker).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>

#include "common/base/scheduler.h"
#include "common/stats/run_clock.h"
#include "master/cluster/worker_registry.h"
#include "proto/transport.h"

namespace locust::master {

// clang-format off
// A worker's states are those of WorkerState. Each second, judge_silence() checks:
//   ready, spawning, running | silent for 4-5 s      | missing
//   missing                  | silent for about 65 s | gone
// and assume_classes() checks workers that have not reported their classes:
//   unknown | 4 s, or 15 s if no class is known yet | assumed to have them all
// clang-format on
//
// Control thread. All arguments of the constructor must outlive it. It sends nothing: the master
// acts on what it returns. Its memory is bounded whatever peers send (WorkerRegistry,
// kMaxStrangers).
class Presence {
 public:
  static constexpr std::size_t kMaxStrangers = 4096;

  // `on_tick` is called each second (HEARTBEAT_INTERVAL) from construction on.
  Presence(Scheduler& scheduler, RunClock& clock, proto::MasterTransport& transport,
           std::function<void()> on_tick);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  WorkerRegistry& registry() { return registry_; }
  const WorkerRegistry& registry() const { return registry_; }

  // --- Call each second.
  // Returns the workers that became missing and those that are given up. There are none while the
  // master has unread messages, for at most half a minute.
  WorkerRegistry::Absences judge_silence();
  bool is_behind() const { return seconds_behind_ > 0; }
  // Call during a test. Logs that this machine's clock was set.
  void look_for_clock_step();
  // `named`: whether any class is known. Some workers report only during a test (boomer).
  enum class ClassNames { kNone, kSome };
  void assume_classes(ClassNames named, const std::function<void(WorkerNode&)>& assumed);

  // --- Clocks.
  // Reads the wall clock for a new test. If it was set since the last test, the workers' clocks are
  // measured again.
  void begin_test();
  // Call for a report whose statistics started at `start_time` by the worker's clock.
  void measure_clock(WorkerNode& worker, double start_time);
  double clock_ahead(const WorkerNode& worker) const { return worker.clock.ahead(clock_.drift()); }

  // --- Running workers that this master does not know.
  //
  // Their master was restarted, or they were silent so long that they were given up. An order makes
  // them end their users and register again (docs/protocol.md §10.4); stock ignores them. But a
  // worker whose connection was cut may have ended since, and its messages arrive all at once when
  // the connection is restored. Its machine would answer a message with a reset, which drops all
  // that has not arrived yet. So a worker is answered only after it has been sending for some time,
  // and then every ten seconds.
  enum class FirstWords { kWait, kAnswer };
  bool answers_stranger(const std::string& id, FirstWords first);
  void forget_stranger(const std::string& id) { strangers_.erase(id); }

 private:
  void schedule_tick();
  bool may_judge_silence();

  Scheduler& scheduler_;
  RunClock& clock_;
  proto::MasterTransport& transport_;
  std::function<void()> on_tick_;
  WorkerRegistry registry_;
  TimerId tick_timer_ = 0;
  int seconds_behind_ = 0;                                // in a row with unread messages
  double reported_drift_ = 0;                             // of the machine's clock, in this test
  std::unordered_map<std::string, TimePoint> strangers_;  // when to answer them, at the earliest
};

}  // namespace locust::master
