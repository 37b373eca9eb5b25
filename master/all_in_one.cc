#include "master/all_in_one.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>

#include "common/cpu_limit.h"

namespace locust::master {
namespace {

constexpr int kCannotStart = 2;

// A port that was free a moment ago, so that all-in-one runs do not get into each other's way.
std::optional<int> free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!bound) return std::nullopt;
  return ntohs(address.sin_port);
}

// The worker's share of the command line: what both programs take.
Arguments worker_arguments(const Arguments& arguments) {
  constexpr std::array<std::string_view, 7> kShared = {"-f", "--locustfile", "-H",       "--host",
                                                       "-L", "--loglevel",   "--logfile"};
  Arguments shared;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = std::string_view(arguments[i]).substr(0, arguments[i].find('='));
    if (name == "--reset-stats") shared.push_back(arguments[i]);
    if (std::find(kShared.begin(), kShared.end(), name) == kShared.end()) continue;
    shared.push_back(arguments[i]);
    if (name == arguments[i] && i + 1 < arguments.size()) shared.push_back(arguments[++i]);
  }
  return shared;
}

// Without --processes, which is the worker's business here.
Arguments without_processes(const Arguments& arguments) {
  Arguments others;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--processes=")) continue;
    if (arguments[i] == "--processes") {
      ++i;
    } else {
      others.push_back(arguments[i]);
    }
  }
  return others;
}

// Starts a program in a process group of its own: Ctrl-C in a terminal reaches only this process, which passes it to
// the master, so that the worker is not ended before its last report. Ends with this process in any case.
pid_t spawn(const std::string& program, const Arguments& arguments) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) std::_Exit(kCannotStart);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  become(program, arguments);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Waits for both; the result is the master's, or the worker's if that failed while the master still waited for it.
int supervise(pid_t master, pid_t worker, const sigset_t& signals) {
  std::optional<int> result;
  while (master > 0 || worker > 0) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGCHLD) {
      if (master > 0) ::kill(master, signal);
      continue;
    }
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const int code = exit_code_of(status);
      if (ended == master) {
        master = 0;
        if (!result) result = code;
        if (worker > 0) ::kill(worker, SIGTERM);
      } else if (ended == worker) {
        worker = 0;
        if (master > 0 && code != 0) {
          result = code;
          ::kill(master, SIGTERM);
        }
      }
    }
  }
  return result.value_or(kCannotStart);
}

}  // namespace

[[noreturn]] void become(const std::string& program, const Arguments& arguments) {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  const std::string path = (self.parent_path() / program).string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(path.c_str(), argv.data());
  std::cerr << "locust: cannot run " << path << ": " << std::strerror(errno) << '\n';
  std::_Exit(kCannotStart);
}

int run_all_in_one(const Arguments& arguments, int processes) {
  const auto port = free_port();
  if (!port) {
    std::cerr << "locust: no free port on 127.0.0.1\n";
    return kCannotStart;
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  const int workers = processes == -1 ? usable_cpus() : std::max(processes, 1);
  ::unsetenv("LOCUST_PROCESSES");
  Arguments master_arguments = without_processes(arguments);
  master_arguments.insert(master_arguments.end(), {"--expect-workers=" + std::to_string(workers),
                                                   "--master-bind-host=127.0.0.1",
                                                   "--master-bind-port=" + std::to_string(*port)});
  Arguments of_worker = worker_arguments(arguments);
  of_worker.insert(of_worker.end(),
                   {"--master-host=127.0.0.1", "--master-port=" + std::to_string(*port)});
  if (processes != 0) of_worker.push_back("--processes=" + std::to_string(workers));
  const pid_t master = spawn("locust-master", master_arguments);
  const pid_t worker = spawn("locust-worker", of_worker);
  if (master < 0 || worker < 0)
    std::cerr << "locust: cannot start a process: " << std::strerror(errno) << '\n';
  return supervise(master, worker, signals);
}

}  // namespace locust::master
