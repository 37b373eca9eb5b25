#include "master/all_in_one.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

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

// The master stays where the terminal's keys go. The worker has a process group of its own: Ctrl-C in a terminal must
// not end it before its last report.
enum class Group { kThis, kOwn };

// Starts a program that ends with this process in any case.
pid_t spawn(const std::string& program, const Arguments& arguments, Group group) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (group == Group::kOwn) ::setpgid(0, 0);
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

// What a master gets to end by itself when its worker has ended with an exit code that test code may
// have chosen, as it does for the master, whose counts.
constexpr timespec kMastersMoment = {3, 0};
constexpr int kFirstOfSignals = 128;

int supervise(pid_t master, pid_t worker, const sigset_t& signals, ExitCodes exit_codes) {
  std::optional<int> result;
  std::optional<int> worker_failed;
  while (master > 0 || worker > 0) {
    const int signal = sigtimedwait(&signals, nullptr, worker_failed ? &kMastersMoment : nullptr);
    if (signal < 0) {
      if (errno != EAGAIN) continue;
      if (master > 0) ::kill(master, SIGTERM);
      result = std::exchange(worker_failed, std::nullopt);
      continue;
    }
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
          if (exit_codes == ExitCodes::kOfTheTest && code < kFirstOfSignals) {
            worker_failed = code;
          } else {
            result = code;
            ::kill(master, SIGTERM);
          }
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

Arguments with_options(Arguments arguments, const Arguments& more) {
  // What comes behind "--" are no options.
  arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), more.begin(), more.end());
  return arguments;
}

int run_all_in_one(const Arguments& of_master, const Arguments& of_worker, int processes,
                   ExitCodes exit_codes) {
  const auto port = free_port();
  if (!port) {
    std::cerr << "locust: no free port on 127.0.0.1\n";
    return kCannotStart;
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  const std::string workers = std::to_string(processes);
  const std::string place = std::to_string(*port);
  const pid_t master = spawn(
      "locust-master",
      with_options(of_master, {"--processes=0", "--expect-workers=" + workers,
                               "--master-bind-host=127.0.0.1", "--master-bind-port=" + place}),
      Group::kThis);
  const pid_t worker = spawn(
      "locust-worker",
      with_options(of_worker,
                   {"--processes=" + workers, "--master-host=127.0.0.1", "--master-port=" + place}),
      Group::kOwn);
  if (master < 0 || worker < 0)
    std::cerr << "locust: cannot start a process: " << std::strerror(errno) << '\n';
  return supervise(master, worker, signals, exit_codes);
}

}  // namespace locust::master
