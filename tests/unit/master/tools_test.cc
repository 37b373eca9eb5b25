#include "master/tools.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "common/base/file_descriptor.h"

namespace locust::master {
namespace {

constexpr int kDeadlineMs = 10'000;

// --hash-password on a terminal of its own.
class PasswordPrompt : public testing::Test {
 protected:
  void SetUp() override {
    int terminal = -1;
    child_ = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      const int code = print_password_hash();
      std::cout.flush();
      ::_exit(code);
    }
    terminal_ = FileDescriptor(terminal);
    // Its settings stay after the child has gone only while somebody has it open.
    open_ = FileDescriptor(::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
    EXPECT_NE(read_until("Password: "), "");
  }
  bool shows_input() const {
    termios settings{};
    EXPECT_EQ(::tcgetattr(open_.get(), &settings), 0);
    return (settings.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
  }
  void type(const std::string& text) {
    EXPECT_EQ(::write(terminal_.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  // Empty if nothing more comes.
  std::string read_until(const std::string& end) {
    std::string text;
    while (text.find(end) == std::string::npos) {
      pollfd output{.fd = terminal_.get(), .events = POLLIN, .revents = 0};
      if (::poll(&output, 1, kDeadlineMs) != 1) return "";
      std::array<char, 256> part{};
      const ssize_t size = ::read(terminal_.get(), part.data(), part.size());
      if (size <= 0) return "";
      text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
  }
  int status() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    return status;
  }

  pid_t child_ = -1;
  FileDescriptor terminal_;
  FileDescriptor open_;
};

TEST_F(PasswordPrompt, HidesWhatIsTyped) {
  EXPECT_FALSE(shows_input());
  type("secret\n");
  const std::string output = read_until("scrypt$");
  EXPECT_NE(output, "");
  EXPECT_EQ(output.find("secret"), std::string::npos);
  EXPECT_EQ(status(), 0);
  EXPECT_TRUE(shows_input());
}

TEST_F(PasswordPrompt, CtrlCLeavesTheTerminalAsItWas) {
  type("\x03");
  const int ended = status();
  EXPECT_TRUE(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGINT) << ended;
  EXPECT_TRUE(shows_input());
}

}  // namespace
}  // namespace locust::master
