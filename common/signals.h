// SignalWatcher: signals as events of a loop.
#pragma once

#include <functional>
#include <initializer_list>

#include "common/event_loop.h"

namespace locust {

// Calls `handler` on the loop's thread for each signal that arrives. The signals must have been
// blocked, by block(), before the process's first thread started.
class SignalWatcher final {
 public:
  // Blocks the signals in the calling thread and in those it starts. A child process must unblock
  // them again.
  static void block(std::initializer_list<int> signals);

  // `loop` must outlive the watcher.
  SignalWatcher(EventLoop& loop, std::initializer_list<int> signals,
                std::function<void(int signal)> handler);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  EventLoop& loop_;
  int fd_;
};

}  // namespace locust
