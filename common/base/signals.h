// SignalWatcher: delivers signals as events of a loop.
#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "common/base/event_loop.h"

namespace locust {

// The signals that ask a process to end: SIGINT, SIGTERM and, unless it is ignored when this is
// called first (nohup), SIGHUP.
const std::vector<int>& ending_signals();
// "SIGTERM".
std::string signal_name(int signal);

// Calls `handler` on the loop's thread for each signal that arrives. The signals must have been
// blocked, by block(), before the process's first thread started. SIGHUP after any other of them is
// dropped: a terminal that closes sends several, and none of those is a second request.
class SignalWatcher final {
 public:
  // Blocks the signals in the calling thread and in those it starts, but not in processes that are
  // forked later: programs that test code starts receive them.
  static void block(const std::vector<int>& signals);

  // Unblocks the signals in the calling thread during its lifetime, with their default effect: for
  // code that blocks the loop.
  class LetThrough {
   public:
    explicit LetThrough(const std::vector<int>& signals);
    ~LetThrough();
    LetThrough(const LetThrough&) = delete;
    LetThrough& operator=(const LetThrough&) = delete;

   private:
    sigset_t before_;
  };

  // `loop` must outlive the watcher.
  SignalWatcher(EventLoop& loop, const std::vector<int>& signals,
                std::function<void(int signal)> handler);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  EventLoop& loop_;
  int fd_;
  bool has_called_ = false;
};

}  // namespace locust
