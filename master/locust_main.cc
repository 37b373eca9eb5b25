// locust: stock's one program by its name. Becomes locust-worker (--worker), locust-master (--master), or runs both as
// an all-in-one test on a port of its own.

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
#include <string>
#include <string_view>
#include <vector>

namespace {

using Arguments = std::vector<std::string>;

constexpr int kCannotStart = 2;

bool is_true(const char* text) {
  return text != nullptr && (std::strcmp(text, "1") == 0 || std::strcmp(text, "true") == 0 ||
                             std::strcmp(text, "True") == 0 || std::strcmp(text, "yes") == 0);
}

bool has(const Arguments& arguments, std::string_view flag) {
  return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
}

// Replaces this process by the program of that name beside this one.
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
    if (std::find(kShared.begin(), kShared.end(), name) == kShared.end()) continue;
    shared.push_back(arguments[i]);
    if (name == arguments[i] && i + 1 < arguments.size()) shared.push_back(arguments[++i]);
  }
  return shared;
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

int run_all_in_one(const Arguments& arguments) {
  const auto port = free_port();
  if (!port) {
    std::cerr << "locust: no free port on 127.0.0.1\n";
    return kCannotStart;
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  Arguments master_arguments = arguments;
  master_arguments.insert(master_arguments.end(),
                          {"--expect-workers=1", "--master-bind-host=127.0.0.1",
                           "--master-bind-port=" + std::to_string(*port)});
  Arguments of_worker = worker_arguments(arguments);
  of_worker.insert(of_worker.end(),
                   {"--master-host=127.0.0.1", "--master-port=" + std::to_string(*port)});
  const pid_t master = spawn("locust-master", master_arguments);
  const pid_t worker = spawn("locust-worker", of_worker);
  if (master < 0 || worker < 0)
    std::cerr << "locust: cannot start a process: " << std::strerror(errno) << '\n';
  return supervise(master, worker, signals);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argv + std::min(argc, 1), argv + argc);
  const bool worker = has(arguments, "--worker") || is_true(std::getenv("LOCUST_MODE_WORKER"));
  const bool master = has(arguments, "--master") || is_true(std::getenv("LOCUST_MODE_MASTER"));
  if (master && worker) {
    std::cerr << "The --master argument cannot be combined with --worker\n";
    return 255;
  }
  // What only reads a scenario.
  const bool describes = has(arguments, "--validate") || has(arguments, "--print-schema") ||
                         has(arguments, "-l") || has(arguments, "--list") ||
                         has(arguments, "--show-task-ratio") ||
                         has(arguments, "--show-task-ratio-json");
  if (worker || describes) become("locust-worker", arguments);
  const bool informs = has(arguments, "-h") || has(arguments, "--help") || has(arguments, "-V") ||
                       has(arguments, "--version");
  if (master || informs) become("locust-master", arguments);
  return run_all_in_one(arguments);
}
