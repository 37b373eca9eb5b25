#include "common/base/signals.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace locust {
namespace {

sigset_t set_of(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t blocked_signals;

void unblock_in_child() { pthread_sigmask(SIG_UNBLOCK, &blocked_signals, nullptr); }

}  // namespace

const std::vector<int>& ending_signals() {
  static const std::vector<int> signals =
      is_ignored(SIGHUP) ? std::vector{SIGINT, SIGTERM} : std::vector{SIGINT, SIGTERM, SIGHUP};
  return signals;
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return "SIG" + (name == nullptr ? std::to_string(signal) : std::string(name));
}

void SignalWatcher::block(const std::vector<int>& signals) {
  blocked_signals = set_of(signals);
  pthread_sigmask(SIG_BLOCK, &blocked_signals, nullptr);
  static const int registered = pthread_atfork(nullptr, nullptr, &unblock_in_child);
  if (registered != 0) throw std::system_error(registered, std::generic_category(), "atfork");
}

SignalWatcher::LetThrough::LetThrough(const std::vector<int>& signals) : before_() {
  const sigset_t set = set_of(signals);
  pthread_sigmask(SIG_UNBLOCK, &set, &before_);
}

SignalWatcher::LetThrough::~LetThrough() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

SignalWatcher::SignalWatcher(EventLoop& loop, const std::vector<int>& signals,
                             std::function<void(int)> handler)
    : loop_(loop) {
  const sigset_t set = set_of(signals);
  fd_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  loop_.watch(fd_, EPOLLIN, [this, handler = std::move(handler)](std::uint32_t) {
    signalfd_siginfo info{};
    while (::read(fd_, &info, sizeof info) == sizeof info) {
      const auto signal = static_cast<int>(info.ssi_signo);
      if (std::exchange(has_called_, true) && signal == SIGHUP) continue;
      handler(signal);
    }
  });
}

SignalWatcher::~SignalWatcher() {
  loop_.unwatch(fd_);
  ::close(fd_);
}

}  // namespace locust
