#include "master/run/terminal_keys.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace locust::master {
namespace {

// Signals that end a process that does not handle them. The loop handles the ending_signals().
constexpr std::array kFatalSignals = {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// Global, because the signal handler can use nothing else.
volatile std::sig_atomic_t terminal_fd = -1;
termios terminal_before;

void give_back() {
  if (terminal_fd >= 0) ::tcsetattr(terminal_fd, TCSANOW, &terminal_before);
}

void give_back_and_end(int signal) {
  give_back();
  ::raise(signal);  // its default action is in force again
}

enum class FatalSignals { kGiveBack, kDefault };

void handle_fatal_signals(FatalSignals how) {
  const bool on = how == FatalSignals::kGiveBack;
  for (const int signal : kFatalSignals) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    const bool is_ours = before.sa_handler == &give_back_and_end;
    if (on ? before.sa_handler != SIG_DFL : !is_ours) continue;
    struct sigaction action {};
    sigemptyset(&action.sa_mask);
    action.sa_handler = on ? &give_back_and_end : SIG_DFL;
    action.sa_flags = on ? static_cast<int>(SA_RESETHAND | SA_NODEFER) : 0;
    ::sigaction(signal, &action, nullptr);
  }
}

// A background process is stopped when it uses its controlling terminal, but not when it uses
// another one.
bool may_touch(int fd) {
  const pid_t foreground = ::tcgetpgrp(fd);
  return foreground < 0 || foreground == ::getpgrp();
}

void give_back_if_ours() {
  if (terminal_fd >= 0 && may_touch(terminal_fd)) give_back();
}

}  // namespace

std::unique_ptr<TerminalKeys> TerminalKeys::open(Scheduler& scheduler, int fd,
                                                 std::function<void(char)> on_key) {
  termios before{};
  if (::isatty(fd) == 0 || !may_touch(fd) || ::tcgetattr(fd, &before) != 0) return nullptr;
  return std::unique_ptr<TerminalKeys>(new TerminalKeys(scheduler, fd, before, std::move(on_key)));
}

TerminalKeys::TerminalKeys(Scheduler& scheduler, int fd, const termios& before,
                           std::function<void(char)> on_key)
    : scheduler_(scheduler), fd_(fd), before_(before), on_key_(std::move(on_key)) {
  terminal_before = before_;
  terminal_fd = fd_;
  [[maybe_unused]] static const int registered = std::at_quick_exit(&give_back_if_ours);
  handle_fatal_signals(FatalSignals::kGiveBack);
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  ::tcsetattr(fd_, TCSANOW, &keys);
  timer_ = scheduler_.call_after(kInterval, [this] { poll(); });
}

TerminalKeys::~TerminalKeys() {
  scheduler_.cancel(timer_);
  if (may_touch(fd_)) give_back();
  handle_fatal_signals(FatalSignals::kDefault);
  terminal_fd = -1;
}

// Polls rather than making the terminal non-blocking, because other processes share it.
void TerminalKeys::poll() {
  timer_ = scheduler_.call_after(kInterval, [this] { poll(); });
  pollfd waiting{fd_, POLLIN, 0};
  if (!may_touch(fd_) || ::poll(&waiting, 1, 0) <= 0) return;
  std::array<char, 64> keys{};
  const ssize_t count = ::read(fd_, keys.data(), keys.size());
  if (count <= 0) {  // the terminal is gone
    scheduler_.cancel(timer_);
    timer_ = 0;
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) on_key_(keys[i]);
}

}  // namespace locust::master
