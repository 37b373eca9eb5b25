#include "worker/processes.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <set>

namespace locust::worker {
namespace {

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void signal_all(const std::set<pid_t>& children, int signal) {
  for (const pid_t child : children) ::kill(child, signal);
}

int supervise(std::set<pid_t> children, const sigset_t& signals, int exit_code) {
  bool interrupted = false;
  while (!children.empty()) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == SIGINT && interrupted) {
      signal_all(children, SIGKILL);
      exit_code = 1;
    } else if (signal != SIGCHLD) {
      interrupted |= signal == SIGINT;
      signal_all(children, signal);
    }
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (children.erase(ended) == 0) continue;
      const bool killed_by_us =
          WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && exit_code == 1;
      if (!killed_by_us) exit_code = std::max(exit_code, exit_code_of(status));
    }
  }
  return exit_code;
}

}  // namespace

std::optional<int> fork_workers(int count, const ForkHooks& hooks) {
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t parent = ::getpid();
  std::set<pid_t> children;
  for (int i = 0; i < count; ++i) {
    if (hooks.before) hooks.before();
    const pid_t child = ::fork();
    if (hooks.after) hooks.after(child == 0);
    if (child == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) std::_Exit(1);
      ::sigprocmask(SIG_SETMASK, &before, nullptr);
      return std::nullopt;
    }
    if (child < 0) {
      std::cerr << "locust-worker: cannot start process " << i + 1 << " of " << count << ": "
                << std::strerror(errno) << '\n';
      signal_all(children, SIGTERM);
      return supervise(std::move(children), signals, 1);
    }
    children.insert(child);
  }
  return supervise(std::move(children), signals, 0);
}

}  // namespace locust::worker
