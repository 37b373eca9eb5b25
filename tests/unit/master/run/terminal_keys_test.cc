// Keys of a terminal, with a pseudoterminal in its place.
#include "master/run/terminal_keys.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/fakes/simulated_loop.h"

namespace locust::master {
namespace {

class TerminalKeysTest : public testing::Test {
 protected:
  TerminalKeysTest() { EXPECT_EQ(::openpty(&keyboard_, &terminal_, nullptr, nullptr, nullptr), 0); }
  ~TerminalKeysTest() override {
    ::close(keyboard_);
    ::close(terminal_);
  }
  std::unique_ptr<TerminalKeys> open() {
    return TerminalKeys::open(loop_, terminal_, [this](char key) { pressed_ += key; });
  }
  void type(const std::string& keys) const {
    EXPECT_EQ(::write(keyboard_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  bool in_line_mode() const {
    termios now{};
    EXPECT_EQ(::tcgetattr(terminal_, &now), 0);
    return (now.c_lflag & ICANON) != 0 && (now.c_lflag & ECHO) != 0;
  }

  fakes::SimulatedLoop loop_;
  int keyboard_ = -1;
  int terminal_ = -1;
  std::string pressed_;
};

TEST_F(TerminalKeysTest, KeysComeOneByOneWithoutEnter) {
  const auto keys = open();
  ASSERT_NE(keys, nullptr);
  EXPECT_FALSE(in_line_mode());
  type("w");
  loop_.advance(TerminalKeys::kInterval);
  EXPECT_EQ(pressed_, "w");
  type("WsS");
  loop_.advance(TerminalKeys::kInterval);
  EXPECT_EQ(pressed_, "wWsS");
  loop_.advance(10 * TerminalKeys::kInterval);
  EXPECT_EQ(pressed_, "wWsS");
}

TEST_F(TerminalKeysTest, TheTerminalIsGivenBackAsItWas) {
  EXPECT_TRUE(in_line_mode());
  open().reset();
  EXPECT_TRUE(in_line_mode());
  EXPECT_TRUE(loop_.idle());
}

TEST_F(TerminalKeysTest, TheTerminalIsGivenBackBeforeASignalEndsTheProcess) {
  for (const int signal : {SIGQUIT, SIGABRT}) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto keys = open();
      if (in_line_mode()) ::_exit(0);
      ::raise(signal);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    EXPECT_TRUE(in_line_mode()) << signal;
  }
}

TEST_F(TerminalKeysTest, AQuickExitGivesItBack) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto keys = open();
    std::quick_exit(in_line_mode() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(in_line_mode());
}

TEST_F(TerminalKeysTest, ATerminalThatIsGoneIsNotAskedAgain) {
  const auto keys = open();
  ::close(keyboard_);
  loop_.advance(TerminalKeys::kInterval);
  EXPECT_TRUE(loop_.idle());
}

TEST_F(TerminalKeysTest, WhatIsNoTerminalHasNoKeys) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(TerminalKeys::open(loop_, ends[0], [](char) {}), nullptr);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace locust::master
