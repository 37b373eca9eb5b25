#include "worker/control/processes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <new>
#include <system_error>

namespace locust::worker {
namespace {

int supervise(ChildProcesses& children, const std::function<Duration()>& grace, int exit_code) {
  bool interrupted = false;
  while (!children.empty()) {
    const ChildProcesses::Event event = children.wait();
    if (event.signal != 0) {
      const bool at_once = event.signal == SIGINT && interrupted;
      interrupted |= event.signal == SIGINT;
      if (!at_once) children.signal_all(event.signal);
      children.kill_all_at(children.clock().now() + (at_once ? Duration::zero() : grace()));
    }
    for (const auto& ended : event.ended) exit_code = std::max(exit_code, ended.exit_code);
  }
  return exit_code;
}

}  // namespace

SharedStopTimeout::SharedStopTimeout(Duration at_first) {
  void* const page =
      ::mmap(nullptr, sizeof *value_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  value_ = new (page) std::atomic<Duration::rep>(at_first.count());
}

SharedStopTimeout::~SharedStopTimeout() { ::munmap(value_, sizeof *value_); }

std::optional<int> fork_workers(int count, const SharedStopTimeout& stop_timeout,
                                TestProgram& program, Duration grace) {
  static const SystemClock clock;
  ChildProcesses children(clock, "locust-worker");
  const auto patience = [&stop_timeout, grace] { return stop_timeout.get() + grace; };
  const pid_t parent = ::getpid();
  for (int i = 1; i <= count; ++i) {
    program.before_fork();
    const pid_t child = ::fork();
    program.after_fork(child == 0 ? ForkSide::kChild : ForkSide::kParent);
    if (child == 0) {
      ::setpgid(0, 0);
      children.begin_child(parent);
      return std::nullopt;
    }
    if (child < 0) {
      std::cerr << "locust-worker: cannot start process " << i << " of " << count << ": "
                << std::strerror(errno) << '\n';
      children.signal_all(SIGTERM);
      children.kill_all_at(clock.now() + patience());
      return supervise(children, patience, 1);
    }
    children.add(child, "process " + std::to_string(i) + " of " + std::to_string(count));
  }
  return supervise(children, patience, 0);
}

}  // namespace locust::worker
