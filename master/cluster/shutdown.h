// Shutdown: ends tests and workers, and reports when they have ended (runners.py MasterRunner.stop
// and quit).
#pragma once

#include <functional>
#include <set>
#include <string>

#include "common/base/scheduler.h"
#include "master/cluster/send_to_worker.h"
#include "master/cluster/worker_registry.h"

namespace locust::master {

// clang-format off
// phase    | command or event                                | next
// ---------+-------------------------------------------------+-----------------------------------------
// any      | begin_test                                      | idle, unless quitting
// idle     | stop                                            | stopping; `stop` to the workers
// stopping | every worker stopped and ready again, or        | stopped; reported
//          |   missing, or stop_timeout + kStopGrace later   |
// idle,    | quit                                            | quitting; `quit` to the workers, three
// stopping,|                                                 |   times in all
// stopped  |                                                 |
// quitting | at least kMinQuitWait later: every living       | quit; reported
//          |   worker is gone, or stop_timeout + kQuitGrace, |
//          |   and kReadGrace more if the master is behind   |
//          | finish                                          | quit; reported
// clang-format on
//
// Control thread. All arguments of the constructor must outlive it.
class Shutdown {
 public:
  enum class Phase { kIdle, kStopping, kStopped, kQuitting, kQuit };

  static constexpr Duration kStopGrace = std::chrono::seconds(60);          // MasterRunner.stop
  static constexpr Duration kMinQuitWait = std::chrono::milliseconds(500);  // MasterRunner.quit
  // A worker's on_stop may take 10 s of it. A worker that has been silent for less than this is
  // considered alive, as its connection may be cut.
  static constexpr Duration kQuitGrace = std::chrono::seconds(12);
  // In addition, for a master that has unread messages.
  static constexpr Duration kReadGrace = std::chrono::seconds(30);

  struct Callbacks {
    std::function<bool()> is_behind;  // with reading
    std::function<void()> stopped;    // called from within stop(), check() or a timer
    std::function<void()> quit;       // likewise, or from finish(); once
  };
  Shutdown(Scheduler& scheduler, WorkerRegistry& registry, SendToWorker send, Duration stop_timeout,
           Callbacks callbacks);
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  Phase phase() const { return phase_; }
  bool quitting() const { return phase_ == Phase::kQuitting || phase_ == Phase::kQuit; }

  // How long the users of workers may take to stop.
  void set_stop_timeout(Duration timeout) { stop_timeout_ = timeout; }

  void begin_test();
  void stop();
  void quit();
  // Stops waiting for workers.
  void finish();

  // A missing worker has returned. It may not have received `quit`, so it is sent again.
  void worker_returned(const WorkerNode& worker);
  // Call after each message and each second.
  void check();
  // Call each second.
  void repeat_quit();

 private:
  void check_stopped();
  void check_quit();
  void send_quit(int repeats_left);
  void end_stop();

  Scheduler& scheduler_;
  WorkerRegistry& registry_;
  SendToWorker send_;
  Duration stop_timeout_;
  Callbacks callbacks_;
  Phase phase_ = Phase::kIdle;
  TimerId stop_timer_ = 0;
  TimerId quit_timer_ = 0;
  TimePoint quit_began_{};
  std::set<std::string> returned_;  // since the last repeat_quit()
};

}  // namespace locust::master
