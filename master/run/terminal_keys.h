// TerminalKeys: single keys of a terminal, without Enter (stock's input_events.py UnixKeyPoller).
#pragma once

#include <termios.h>

#include <functional>
#include <memory>

#include "common/base/scheduler.h"

namespace locust::master {

// Turns off the terminal's line mode and restores its settings when destroyed, before a signal ends
// the process, and on std::quick_exit. Control thread. At most one object may exist.
class TerminalKeys final {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds(200);  // as in stock

  // Null if `fd` is not a terminal, or if this process runs in its background. `scheduler` must
  // outlive it.
  static std::unique_ptr<TerminalKeys> open(Scheduler& scheduler, int fd,
                                            std::function<void(char)> on_key);
  ~TerminalKeys();
  TerminalKeys(const TerminalKeys&) = delete;
  TerminalKeys& operator=(const TerminalKeys&) = delete;

 private:
  TerminalKeys(Scheduler& scheduler, int fd, const termios& before,
               std::function<void(char)> on_key);
  void poll();

  Scheduler& scheduler_;
  const int fd_;
  const termios before_;
  std::function<void(char)> on_key_;
  TimerId timer_ = 0;
};

}  // namespace locust::master
