// Presence: knows which workers are there, which are silent, and how far their clocks are off
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
// A worker's states are those of WorkerState. Each second, judge_silence() counts:
//   ready, spawning, running | silent for 4-5 s      | missing
//   missing                  | silent for about 65 s | gone
// and assume_classes() those that have not reported which classes they have:
//   unknown | 4 s, or 15 s where nobody has named any class | assumed to have them all
// clang-format on
//
// Control thread. All arguments of the constructor must outlive it. It sends nothing: the master acts
// on what it returns. Its memory is bounded whatever peers send: see WorkerRegistry and kMaxStrangers.
class Presence {
 public:
  static constexpr std::size_t kMaxStrangers = 4096;

  // `on_tick` is called each second (HEARTBEAT_INTERVAL), from the construction on.
  Presence(Scheduler& scheduler, RunClock& clock, proto::MasterTransport& transport,
           std::function<void()> on_tick);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  WorkerRegistry& registry() { return registry_; }
  const WorkerRegistry& registry() const { return registry_; }

  // --- To be called each second.
  // Who has become missing, and who is given up for lost. Nobody is while the master has not read
  // all that workers have sent, for at most half a minute.
  WorkerRegistry::Absences judge_silence();
  bool is_behind() const { return seconds_behind_ > 0; }
  // During a test: logs that this machine's clock was set.
  void look_for_clock_step();
  // `named`: whether anybody has named a class. Some workers report only in a test (boomer).
  enum class ClassNames { kNone, kSome };
  void assume_classes(ClassNames named, const std::function<void(WorkerNode&)>& assumed);

  // --- Clocks.
  // Takes the wall clock's time for a new test. If it was set since the last one, the workers' clocks
  // are measured anew.
  void begin_test();
  // A report came whose statistics started at `start_time`, by the worker's clock.
  void measure_clock(WorkerNode& worker, double start_time);
  double clock_ahead(const WorkerNode& worker) const { return worker.clock.ahead(clock_.drift()); }

  // --- Workers that this master does not know but that run all the same.
  //
  // Their master was restarted, or they were silent so long that they were given up. An order makes
  // them end their users and report as ready again (docs/protocol.md §10.4); stock leaves them alone.
  // But a worker whose connection was cut may have ended meanwhile, and what it said comes all at
  // once when the connection is back. Its machine would answer a message to it with a reset, which
  // drops all that has not come yet. So only who goes on for some time is answered, and then every
  // ten seconds.
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
  int seconds_behind_ = 0;                                // in a row without having read everything
  double reported_drift_ = 0;                             // of the machine's clock, in this test
  std::unordered_map<std::string, TimePoint> strangers_;  // when to answer them, at the earliest
};

}  // namespace locust::master
