// Signals that ask a process to end.
#include "common/base/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace locust {
namespace {

using testing::ElementsAre;

class SignalWatcherTest : public testing::Test {
 protected:
  SignalWatcherTest() { SignalWatcher::block(kAll); }
  void send(int signal) {
    ::raise(signal);
    loop_.run_once(std::chrono::seconds(10));
  }

  const std::vector<int> kAll = {SIGINT, SIGTERM, SIGHUP};
  SystemClock clock_;
  EventLoop loop_{clock_};
  std::vector<int> seen_;
  SignalWatcher watcher_{loop_, kAll, [this](int signal) { seen_.push_back(signal); }};
};

TEST_F(SignalWatcherTest, SeveralHangupsAreOneRequest) {
  for (int i = 0; i < 3; ++i) send(SIGHUP);
  EXPECT_THAT(seen_, ElementsAre(SIGHUP));
  send(SIGTERM);
  send(SIGTERM);
  EXPECT_THAT(seen_, ElementsAre(SIGHUP, SIGTERM, SIGTERM));
}

TEST_F(SignalWatcherTest, AHangupAfterAnotherSignalIsNoSecondRequest) {
  send(SIGINT);
  send(SIGHUP);
  EXPECT_THAT(seen_, ElementsAre(SIGINT));
}

TEST(Signals, HaveTheirNames) {
  EXPECT_EQ(signal_name(SIGHUP), "SIGHUP");
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
}

}  // namespace
}  // namespace locust
