// Other tests trust the simulated network; here is what they rely on.
#include "tests/fakes/fake_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/simulated_loop.h"

namespace locust::fakes {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

class FakeNetworkTest : public testing::Test {
 protected:
  FakeNetworkTest() {
    network_.master().on_message([this](std::string_view identity, std::string_view payload) {
      at_master_.push_back(std::string(identity) + ":" + std::string(payload));
    });
    worker_->on_message([this](std::string_view payload) { at_worker_.emplace_back(payload); });
  }

  SimulatedLoop loop_;
  FakeNetwork network_{loop_, milliseconds(10)};
  std::unique_ptr<proto::WorkerTransport> worker_ = network_.connect("a");
  std::vector<std::string> at_master_;
  std::vector<std::string> at_worker_;
};

TEST_F(FakeNetworkTest, MessagesArriveAfterTheLatencyInOrder) {
  ASSERT_TRUE(worker_->send("1").ok());
  ASSERT_TRUE(worker_->send("2").ok());
  network_.master().send("a", "3");
  network_.master().send("nobody", "lost");
  loop_.advance(milliseconds(9));
  EXPECT_TRUE(at_master_.empty());
  loop_.advance(milliseconds(1));
  EXPECT_THAT(at_master_, ElementsAre("a:1", "a:2"));
  EXPECT_THAT(at_worker_, ElementsAre("3"));
}

TEST_F(FakeNetworkTest, OrderHoldsWhenTheDelayShrinks) {
  network_.set_delay("a", milliseconds(500));
  ASSERT_TRUE(worker_->send("slow").ok());
  network_.set_delay("a", milliseconds(0));
  ASSERT_TRUE(worker_->send("fast").ok());
  loop_.advance(milliseconds(500));
  EXPECT_TRUE(at_master_.empty());
  loop_.advance(milliseconds(10));
  EXPECT_THAT(at_master_, ElementsAre("a:slow", "a:fast"));
}

TEST_F(FakeNetworkTest, ABrokenLinkLosesWhatIsInFlightAndHoldsTheWorkersRest) {
  ASSERT_TRUE(worker_->send("in flight").ok());
  network_.set_link_up("a", false);
  ASSERT_TRUE(worker_->send("waits").ok());
  ASSERT_TRUE(worker_->send("waits").ok());
  ASSERT_TRUE(worker_->send_unless_waiting("waits").ok());
  network_.master().send("a", "dropped");
  loop_.advance(milliseconds(1000));
  EXPECT_TRUE(at_master_.empty());
  network_.set_link_up("a", true);
  loop_.advance(milliseconds(1000));
  EXPECT_THAT(at_master_, ElementsAre("a:waits", "a:waits"));
  EXPECT_TRUE(at_worker_.empty());
}

TEST_F(FakeNetworkTest, ReconnectingLosesNothingOfTheWorkers) {
  ASSERT_TRUE(worker_->send("before").ok());
  worker_->reconnect();
  ASSERT_TRUE(worker_->send("after").ok());
  network_.master().send("a", "to the closed connection");
  loop_.advance(milliseconds(1000));
  EXPECT_THAT(at_master_, ElementsAre("a:before", "a:after"));
  EXPECT_TRUE(at_worker_.empty());
  EXPECT_EQ(network_.reconnects("a"), 1);
}

TEST_F(FakeNetworkTest, AFilterCorruptsAndLoses) {
  network_.set_filter([](Direction, const std::string&, std::string& payload) {
    if (payload == "lose") return false;
    payload += "!";
    return true;
  });
  ASSERT_TRUE(worker_->send("lose").ok());
  ASSERT_TRUE(worker_->send("keep").ok());
  loop_.advance(milliseconds(10));
  EXPECT_THAT(at_master_, ElementsAre("a:keep!"));
  EXPECT_EQ(network_.wire().size(), 1U);
}

TEST_F(FakeNetworkTest, WhatAWorkerSentArrivesAlthoughItIsGone) {
  ASSERT_TRUE(worker_->send("last words").ok());
  worker_.reset();
  network_.master().send("a", "too late");
  loop_.advance(milliseconds(10));
  EXPECT_THAT(at_master_, ElementsAre("a:last words"));
}

}  // namespace
}  // namespace locust::fakes
