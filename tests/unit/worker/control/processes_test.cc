// --processes: what the parent gives back, and how it ends children that do not end by themselves.
#include "worker/control/processes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/fakes/fake_program.h"

namespace locust::worker {
namespace {

constexpr Duration kLong = std::chrono::minutes(10);
constexpr Duration kShort = std::chrono::milliseconds(20);

int exit_code_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The exit code of a process that forks `count` workers, each of which does `work`.
template <typename Work>
int run_parent(int count, Work work, Duration stop_timeout = {}, Duration grace = kLong) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    SharedStopTimeout shared(stop_timeout);
    fakes::FakeProgram program;
    const auto code = fork_workers(count, shared, program, grace);
    if (!code) work(shared);
    ::_exit(code.value_or(0));
  }
  return exit_code_of(parent);
}

// Asks the parent to end all, and does not end itself.
[[noreturn]] void ask_and_go_on() {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) std::signal(signal, SIG_IGN);
  ::kill(::getppid(), SIGTERM);
  while (true) ::pause();
}

TEST(Processes, TheExitCodeIsTheGreatestOfTheChildren) {
  EXPECT_EQ(run_parent(3, [](auto&) { ::_exit(0); }), 0);
  EXPECT_EQ(run_parent(2, [](auto&) { ::_exit(3); }), 3);
}

TEST(Processes, AChildThatASignalKilledIsAnError) {
  EXPECT_EQ(run_parent(1, [](auto&) { ::raise(SIGKILL); }), 128 + SIGKILL);
}

TEST(Processes, SignalsReachTheChildren) {
  for (const int signal : {SIGTERM, SIGHUP}) {
    const int code = run_parent(2, [signal](auto&) {
      std::signal(signal, [](int) { ::_exit(5); });
      ::kill(::getppid(), signal);  // each child asks for the end of all
      while (true) ::pause();
    });
    EXPECT_TRUE(code == 5 || code == 128 + signal) << code;
  }
}

TEST(Processes, AnIgnoredSighupStaysIgnored) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    std::signal(SIGHUP, SIG_IGN);
    SharedStopTimeout shared({});
    fakes::FakeProgram program;
    const auto code = fork_workers(1, shared, program);
    if (!code) {
      ::kill(::getppid(), SIGHUP);
      ::raise(SIGHUP);
      ::_exit(6);
    }
    ::_exit(*code);
  }
  EXPECT_EQ(exit_code_of(parent), 6);
}

TEST(Processes, WhoDoesNotEndWhenAskedIsKilled) {
  const int code = run_parent(
      1, [](auto&) { ask_and_go_on(); }, {}, kShort);
  EXPECT_EQ(code, ChildProcesses::kKilled);
}

TEST(Processes, TheStopTimeoutThatAMasterSetsIsWaitedForToo) {
  // The child lowers it from what would be a wait without end.
  EXPECT_EQ(run_parent(
                1,
                [](SharedStopTimeout& shared) {
                  shared.set(kShort);
                  ask_and_go_on();
                },
                kLong, kShort),
            ChildProcesses::kKilled);
  // And raises it from nothing: the child ends by itself, at its second signal.
  EXPECT_EQ(run_parent(
                1,
                [](SharedStopTimeout& shared) {
                  shared.set(kLong);
                  std::signal(SIGTERM, [](int) {
                    static volatile std::sig_atomic_t signals = 0;
                    signals = signals + 1;
                    if (signals == 2) ::_exit(7);
                    ::kill(::getppid(), SIGTERM);
                  });
                  ::kill(::getppid(), SIGTERM);
                  while (true) ::pause();
                },
                {}, Duration::zero()),
            7);
}

TEST(Processes, ChildrenOfAParentThatIsKilledGetSigterm) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    SharedStopTimeout shared({});
    fakes::FakeProgram program;
    if (!fork_workers(1, shared, program)) {
      static int end = ends[1];
      std::signal(SIGTERM, [](int) {
        ::write(end, "T", 1);
        ::_exit(0);
      });
      ::kill(::getppid(), SIGKILL);
      while (true) ::pause();
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  EXPECT_EQ(exit_code_of(parent), -1);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'T');
  ::close(ends[0]);
}

}  // namespace
}  // namespace locust::worker
