// MasterEvents: the events of a Master and its test, for classes that run, record or extend it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace locust::proto {
struct Stats;
struct UpdateUserClass;
}  // namespace locust::proto

namespace locust::master {

struct WorkerLoss;

// A subscriber overrides what it needs. Master::subscribe() adds it; subscribers are notified in
// the order of subscription, on the control thread, from within a message, a timer or a command.
// Each may call the master's commands, and subscribe or unsubscribe any subscriber. start() has no
// effect within on_test_start, within the on_test_stop of a test that is being restarted, and while
// the master quits.
//
// The master itself ends a test only when its last worker is gone. For all other reasons a
// subscriber calls stop() or quit().
class MasterEvents {
 public:
  // --- Workers.
  virtual void on_workers_changed() {}  // one became usable, or is no longer
  virtual void on_worker_connected(const std::string& /*id*/) {}  // or is ready again after a test
  virtual void on_heartbeat(const std::string& /*id*/) {}
  // Called after the report's statistics were merged, if it belongs to the current test.
  virtual void on_worker_report(const std::string& /*id*/, const proto::Stats& /*report*/) {}
  // The page or a script has changed attributes of a class.
  virtual void on_class_updated(const proto::UpdateUserClass& /*update*/) {}
  virtual void on_last_worker_gone() {}  // and the test, if there was one, is stopped

  // --- A test.
  // Called before the first order to the workers, with empty statistics. Master::abandon_start()
  // ends the test before it has users.
  virtual void on_test_start() {}
  // A ramp is over. `users` is the number that the workers have reported.
  virtual void on_spawning_complete(std::int64_t /*users*/) {}
  virtual void on_test_stopping() {}
  virtual void on_test_stop() {}  // once per on_test_start
  // Statistics are about to be reset, by reset_stats(), or by --reset-stats at the end of a ramp.
  virtual void on_before_stats_reset() {}
  virtual void on_stats_reset() {}  // by reset_stats() only, as in stock

  // --- Possible reasons to end the test.
  // All users have ended by themselves: no worker has any, and none is to start.
  virtual void on_users_gone() {}
  // A worker has left the test before its end.
  virtual void on_worker_loss(const WorkerLoss& /*loss*/) {}
  virtual void on_stop_test() {}  // a step or test code on a worker asks for the end
  // Test code on a worker has called sys.exit(); wanted_exit_code() is its code (as_one_process).
  virtual void on_worker_exit() {}

  // --- The end.
  // All reports have arrived. Master::want_exit_code() may be called.
  virtual void on_quitting() {}
  virtual void on_quit_complete() {}

 protected:
  ~MasterEvents() = default;
};

// The subscribers of one master. One that unsubscribes during an event is no longer notified of it;
// one that subscribes during an event is notified from the next event on.
class EventSubscribers {
 public:
  void add(MasterEvents& subscriber) { subscribers_.push_back(&subscriber); }
  void remove(const MasterEvents& subscriber) {
    for (MasterEvents*& each : subscribers_) {
      if (each == &subscriber) each = nullptr;
    }
    if (depth_ == 0) std::erase(subscribers_, nullptr);
  }

  template <typename... Parameters, typename... Arguments>
  void notify(void (MasterEvents::*event)(Parameters...), const Arguments&... arguments) {
    ++depth_;
    const std::size_t count = subscribers_.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (subscribers_[i] != nullptr) (subscribers_[i]->*event)(arguments...);
    }
    if (--depth_ == 0) std::erase(subscribers_, nullptr);
  }

 private:
  std::vector<MasterEvents*> subscribers_;  // null: unsubscribed during an event
  int depth_ = 0;                           // of events within events
};

}  // namespace locust::master
