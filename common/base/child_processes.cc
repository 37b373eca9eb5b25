#include "common/base/child_processes.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "common/base/signals.h"

namespace locust {
namespace {

timespec to_timespec(Duration duration) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  const std::int64_t ns = std::max(duration, Duration::zero()).count();
  return {ns / kPerSecond, ns % kPerSecond};
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status)
                           : ChildProcesses::kFirstOfSignals + WTERMSIG(status);
}

}  // namespace

ChildProcesses::ChildProcesses(const Clock& clock, std::string program)
    : clock_(clock), program_(std::move(program)) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGCHLD);
  for (const int signal : ending_signals()) sigaddset(&signals_, signal);
  ::sigprocmask(SIG_BLOCK, &signals_, &before_);
}

void ChildProcesses::begin_child(pid_t parent) const {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) std::_Exit(kKilled);
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void ChildProcesses::add(pid_t pid, std::string name) {
  children_.emplace(pid, Child{.name = std::move(name)});
}

void ChildProcesses::signal(pid_t pid, int number) {
  if (has(pid)) ::kill(pid, number);
}

void ChildProcesses::signal_all(int number) {
  for (const auto& [pid, child] : children_) ::kill(pid, number);
}

void ChildProcesses::kill_at(pid_t pid, TimePoint time) {
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  std::optional<TimePoint>& due = child->second.kill_at;
  due = std::min(due.value_or(time), time);
}

void ChildProcesses::kill_all_at(TimePoint time) {
  for (const auto& [pid, child] : children_) kill_at(pid, time);
}

ChildProcesses::Event ChildProcesses::wait(std::optional<TimePoint> until) {
  for (const auto& [pid, child] : children_) {
    if (!child.kill_at || child.killed) continue;
    until = std::min(until.value_or(*child.kill_at), *child.kill_at);
  }
  const timespec left = to_timespec(until ? *until - clock_.now() : Duration::zero());
  const int signal = ::sigtimedwait(&signals_, nullptr, until ? &left : nullptr);
  Event event{.signal = signal > 0 && signal != SIGCHLD ? signal : 0, .ended = take_ended()};
  kill_overdue();
  return event;
}

void ChildProcesses::kill_overdue() {
  const TimePoint now = clock_.now();
  for (auto& [pid, child] : children_) {
    if (!child.kill_at || now < *child.kill_at || child.killed) continue;
    child.killed = true;
    ::kill(pid, SIGKILL);
    std::cerr << program_ << ": " << child.name << " (pid " << pid
              << ") did not end in time and was killed\n";
  }
}

std::vector<ChildProcesses::Ended> ChildProcesses::take_ended() {
  std::vector<Ended> ended;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto child = children_.find(pid);
    if (child == children_.end()) continue;
    const bool killed = child->second.killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    ended.push_back({pid, killed ? kKilled : exit_code_of(status), killed});
    children_.erase(child);
  }
  return ended;
}

}  // namespace locust
