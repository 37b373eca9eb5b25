// --processes: what the parent gives back. The children of these tests end at once.
#include "worker/processes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace locust::worker {
namespace {

// The exit code of a process that forks `count` workers, each of which does `work`.
template <typename Work>
int run_parent(int count, Work work) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto code = fork_workers(count);
    if (!code) work();
    ::_exit(code.value_or(0));
  }
  int status = 0;
  ::waitpid(parent, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Processes, TheExitCodeIsTheGreatestOfTheChildren) {
  EXPECT_EQ(run_parent(3, [] { ::_exit(0); }), 0);
  EXPECT_EQ(run_parent(2, [] { ::_exit(3); }), 3);
}

TEST(Processes, AChildThatASignalKilledIsAnError) {
  EXPECT_EQ(run_parent(1, [] { ::raise(SIGKILL); }), 128 + SIGKILL);
}

TEST(Processes, SignalsReachTheChildren) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto code = fork_workers(2);
    if (!code) {
      std::signal(SIGTERM, [](int) { ::_exit(5); });
      ::kill(::getppid(), SIGTERM);  // each child asks for the end of all
      while (true) ::pause();
    }
    ::_exit(*code);
  }
  int status = 0;
  ::waitpid(parent, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  const int code = WEXITSTATUS(status);
  EXPECT_TRUE(code == 5 || code == 128 + SIGTERM) << code;
}

}  // namespace
}  // namespace locust::worker
