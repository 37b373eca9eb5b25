#include "master/all_in_one.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>

#include "common/base/child_processes.h"

namespace locust::master {
namespace {

constexpr int kCannotStart = 2;

// A port that was free a moment ago, so that all-in-one runs do not conflict.
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

// The master stays in the terminal's foreground process group. The worker has a group of its own:
// Ctrl-C in a terminal must not end it before its last report.
enum class Group { kThis, kOwn };

// The exit code of a worker whose samples or log are incomplete, or that could not start.
constexpr int kOutputLost = 2;

// The time in which a master must end by itself after its worker has ended with kOutputLost or with
// an exit code that test code may have chosen. Test code may choose the master's too, which
// decides.
constexpr Duration kMoment = std::chrono::seconds(3);
// The worker's own children are killed first.
constexpr Duration kAfterItsChildren = std::chrono::milliseconds(500);
// One request may come as two signals; a terminal that closes may send SIGHUP at any time.
constexpr Duration kSameSignal = std::chrono::milliseconds(300);

// Supervises a master and its worker until both have ended.
class Supervisor {
 public:
  explicit Supervisor(const AllInOne& run) : run_(run) {}

  int supervise(int port);

 private:
  pid_t spawn(const char* program, const Arguments& arguments, Group group);
  void pass_on(int signal);
  void end_master();
  void end_worker();
  void master_ended(int exit_code);
  void worker_ended(int exit_code);
  void give_up_waiting_for_master();

  const AllInOne& run_;
  SystemClock clock_;
  ChildProcesses children_{clock_, "locust"};
  pid_t master_ = -1;
  pid_t worker_ = -1;
  std::optional<TimePoint> signalled_at_;
  std::optional<int> result_;
  std::optional<int> worker_failed_;      // the exit code that the master is expected to have too
  std::optional<TimePoint> moment_over_;  // for the master to do so
};

pid_t Supervisor::spawn(const char* program, const Arguments& arguments, Group group) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    if (group == Group::kOwn) ::setpgid(0, 0);
    children_.begin_child(parent);
    become(program, arguments);
  }
  if (child > 0) {
    children_.add(child, program);
  } else {
    std::cerr << "locust: cannot start a process: " << std::strerror(errno) << '\n';
  }
  return child;
}

int Supervisor::supervise(int port) {
  const std::string workers = std::to_string(run_.processes);
  const std::string place = std::to_string(port);
  master_ = spawn("locust-master",
                  with_options(run_.of_master, {"--processes=0", "--expect-workers=" + workers,
                                                "--master-bind-host=127.0.0.1",
                                                "--master-bind-port=" + place, "--as-one-process"}),
                  Group::kThis);
  worker_ = spawn("locust-worker",
                  with_options(run_.of_worker, {"--processes=" + workers, "--master-host=127.0.0.1",
                                                "--master-port=" + place, "--as-one-process"}),
                  Group::kOwn);
  if (master_ < 0 || worker_ < 0) {
    result_ = kCannotStart;
    end_master();
    end_worker();
  }
  bool killed = false;
  while (!children_.empty()) {
    const ChildProcesses::Event event = children_.wait(moment_over_);
    if (event.signal != 0) pass_on(event.signal);
    for (const auto& ended : event.ended) {
      killed |= ended.killed;
      ended.pid == master_ ? master_ended(ended.exit_code) : worker_ended(ended.exit_code);
    }
    if (moment_over_ && clock_.now() >= *moment_over_) give_up_waiting_for_master();
  }
  const int result = result_.value_or(kCannotStart);
  return result == 0 && killed ? ChildProcesses::kKilled : result;
}

// Forwards a signal to the master, which ends its worker.
void Supervisor::pass_on(int signal) {
  const TimePoint now = clock_.now();
  const bool is_second = signal != SIGHUP && signalled_at_ && now - *signalled_at_ > kSameSignal;
  if (!signalled_at_) signalled_at_ = now;
  if (children_.has(master_)) {
    children_.signal(master_, signal);
    children_.kill_at(master_, now + run_.stop_timeout + kMasterGrace);
  } else if (signal != SIGHUP) {
    children_.signal(worker_, SIGTERM);
  }
  if (is_second) children_.kill_all_at(now + kEndGrace);
}

void Supervisor::end_master() {
  children_.signal(master_, SIGTERM);
  children_.kill_at(master_, clock_.now() + run_.stop_timeout + kMasterGrace);
}

void Supervisor::end_worker() {
  children_.signal(worker_, SIGTERM);
  children_.kill_at(worker_, clock_.now() + run_.stop_timeout + kEndGrace + kAfterItsChildren);
}

void Supervisor::master_ended(int exit_code) {
  if (!result_) result_ = exit_code;
  if (result_ == 0 && worker_failed_ == kOutputLost) result_ = kOutputLost;
  moment_over_.reset();
  end_worker();
}

void Supervisor::worker_ended(int exit_code) {
  if (!children_.has(master_)) {
    if (result_ == 0 && exit_code == kOutputLost) result_ = exit_code;
    return;
  }
  if (exit_code == 0) return;
  const bool is_of_the_test =
      run_.exit_codes == ExitCodes::kOfTheTest && exit_code < ChildProcesses::kFirstOfSignals;
  if (exit_code == kOutputLost || is_of_the_test) {
    worker_failed_ = exit_code;
    moment_over_ = clock_.now() + kMoment;
    return;
  }
  result_ = exit_code;
  end_master();
}

void Supervisor::give_up_waiting_for_master() {
  moment_over_.reset();
  result_ = worker_failed_;
  end_master();
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
  // Arguments after "--" are not options.
  arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), more.begin(), more.end());
  return arguments;
}

int run_all_in_one(const AllInOne& run) {
  const auto port = free_port();
  if (!port) {
    std::cerr << "locust: no free port on 127.0.0.1\n";
    return kCannotStart;
  }
  return Supervisor(run).supervise(*port);
}

}  // namespace locust::master
