// Signals that nobody takes up.
#include "common/base/unheard_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <future>

#include "common/base/signals.h"

namespace locust {
namespace {

constexpr auto kLimit = std::chrono::seconds(10);

// Set by the test; counts how often the other thread has looked.
class SetClock final : public Clock {
 public:
  TimePoint now() const override {
    const TimePoint now(Duration(ns_.load()));
    ++looks_;
    return now;
  }
  double wall_time() const override { return 0; }

  void advance(Duration by) { ns_ += by.count(); }
  std::uint64_t looks() const { return looks_; }

 private:
  std::atomic<std::int64_t> ns_{0};
  mutable std::atomic<std::uint64_t> looks_{0};
};

class UnheardSignalsTest : public testing::Test {
 protected:
  // Before the thread that looks on begins.
  static std::vector<int> blocked(const std::vector<int>& signals) {
    SignalWatcher::block(signals);
    return signals;
  }
  // To the process, as others send it.
  static void send() { ::kill(::getpid(), SIGTERM); }
  static void take_up() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    int signal = 0;
    sigwait(&set, &signal);
  }
  // Until a look has begun and ended since, or the last one has been.
  void wait_for_look() {
    const std::uint64_t last = clock_.looks() + 2;
    while (clock_.looks() < last && !is_told(std::chrono::milliseconds(1))) {
    }
  }
  bool is_told(Duration within) {
    return told_future_.wait_for(within) == std::future_status::ready;
  }

  static constexpr Duration kPatience = std::chrono::seconds(9);
  static constexpr Duration kAlmost = kPatience - Duration(1);
  const std::vector<int> kSignals = blocked({SIGINT, SIGTERM});
  SetClock clock_;
  std::promise<void> told_;
  std::future<void> told_future_ = told_.get_future();
  UnheardSignals unheard_{clock_, kSignals, kPatience, [this] { told_.set_value(); }};
};

TEST_F(UnheardSignalsTest, OneThatWaitsForTooLongIsToldAndGoesOnWaiting) {
  send();
  wait_for_look();
  clock_.advance(kAlmost);
  wait_for_look();
  EXPECT_FALSE(is_told({}));
  clock_.advance(Duration(1));
  EXPECT_TRUE(is_told(kLimit));
  take_up();
}

TEST_F(UnheardSignalsTest, OneThatWasTakenUpIsForgotten) {
  send();
  wait_for_look();
  clock_.advance(kAlmost);
  take_up();
  wait_for_look();
  send();
  wait_for_look();
  clock_.advance(kAlmost);
  wait_for_look();
  EXPECT_FALSE(is_told({}));
  take_up();
}

}  // namespace
}  // namespace locust
