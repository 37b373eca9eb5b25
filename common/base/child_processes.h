// ChildProcesses: the native processes that this process has started. None of them outlives it, and
// none keeps it from ending.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace locust {

// The time between asking a process to end and SIGKILL, in addition to the stop timeout of its
// users.
inline constexpr Duration kEndGrace = std::chrono::seconds(10);

// Not thread-safe: for a process that does nothing else, before any thread exists.
class ChildProcesses {
 public:
  // An exit code, or 128 and the number of the signal.
  static constexpr int kFirstOfSignals = 128;
  // The exit code of a child that kill_at() has killed.
  static constexpr int kKilled = 1;

  // Blocks SIGCHLD and the ending_signals() permanently. Lines on stderr start with `program`.
  ChildProcesses(const Clock& clock, std::string program);

  // In a child, right after fork(): undoes the blocking, and has the kernel send SIGTERM when
  // `parent` ends, however it ends. Ends the child if that has happened already.
  void begin_child(pid_t parent) const;
  // In the parent. `name` appears in the line that reports a kill.
  void add(pid_t pid, std::string name);

  bool empty() const { return children_.empty(); }
  bool has(pid_t pid) const { return children_.contains(pid); }
  const Clock& clock() const { return clock_; }

  // Ignores children that have ended. If called several times for a child, the earliest time wins.
  void signal(pid_t pid, int number);
  void signal_all(int number);
  void kill_at(pid_t pid, TimePoint time);
  void kill_all_at(TimePoint time);

  struct Ended {
    pid_t pid;
    int exit_code;
    bool killed;  // by kill_at()
  };
  struct Event {
    int signal = 0;  // one of the ending_signals() that this process received; 0: none
    std::vector<Ended> ended{};
  };
  // Waits for a signal, the end of a child, or `until`. Meanwhile kills children whose time has
  // passed.
  Event wait(std::optional<TimePoint> until = std::nullopt);

 private:
  struct Child {
    std::string name;
    std::optional<TimePoint> kill_at{};
    bool killed = false;
  };

  void kill_overdue();
  std::vector<Ended> take_ended();

  const Clock& clock_;
  const std::string program_;
  sigset_t signals_{};
  sigset_t before_{};
  std::map<pid_t, Child> children_;
};

}  // namespace locust
