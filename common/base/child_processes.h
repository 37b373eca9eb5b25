// ChildProcesses: processes of ours that this one has started. None of them outlives it, and none
// keeps it from ending.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace locust {

// What a process that was asked to end gets beyond the stop timeout of its users before SIGKILL.
inline constexpr Duration kEndGrace = std::chrono::seconds(10);

// Not thread-safe: for a process that does nothing else, before any thread exists.
class ChildProcesses {
 public:
  // An exit code, or 128 and the number of the signal.
  static constexpr int kFirstOfSignals = 128;
  // Of a child that kill_at() has killed.
  static constexpr int kKilled = 1;

  // Blocks SIGCHLD and the ending_signals(), for good. `program` begins the lines on standard error.
  ChildProcesses(const Clock& clock, std::string program);

  // In a child, right after fork(): undoes the blocking, and has the kernel send SIGTERM when
  // `parent` ends, however it ends. Ends the child if that has happened already.
  void begin_child(pid_t parent) const;
  // In the parent. `name` is for the line that says that it was killed.
  void add(pid_t pid, std::string name);

  bool empty() const { return children_.empty(); }
  bool has(pid_t pid) const { return children_.contains(pid); }
  const Clock& clock() const { return clock_; }

  // Those that have ended are left out. Of several times of a child the earliest wins.
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
    int signal = 0;  // one of the ending_signals() that came to this process; 0: none
    std::vector<Ended> ended{};
  };
  // Waits for a signal, the end of a child, or `until`. Kills meanwhile whose time is over.
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
