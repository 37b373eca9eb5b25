#include "master/cluster/master_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventSubscribersTest : public testing::Test {
 protected:
  // Notes its name, and does what it was made to do.
  class Subscriber final : public MasterEvents {
   public:
    Subscriber(std::string name, std::vector<std::string>& calls)
        : name_(std::move(name)), calls_(calls) {}
    void on_test_start() override {
      calls_.push_back(name_);
      if (action) action();
    }
    void on_test_stop() override { calls_.push_back(name_ + " stop"); }
    void on_heartbeat(const std::string& id) override { calls_.push_back(name_ + " " + id); }

    std::function<void()> action;

   private:
    std::string name_;
    std::vector<std::string>& calls_;
  };

  std::vector<std::string> start() {
    calls_.clear();
    subscribers_.notify(&MasterEvents::on_test_start);
    return calls_;
  }

  std::vector<std::string> calls_;
  EventSubscribers subscribers_;
  Subscriber a_{"a", calls_};
  Subscriber b_{"b", calls_};
  Subscriber c_{"c", calls_};
};

TEST_F(EventSubscribersTest, AreNotifiedInTheOrderOfSubscription) {
  EXPECT_THAT(start(), IsEmpty());
  subscribers_.add(b_);
  subscribers_.add(a_);
  EXPECT_THAT(start(), ElementsAre("b", "a"));
  subscribers_.notify(&MasterEvents::on_heartbeat, std::string("w_1"));
  EXPECT_THAT(calls_, ElementsAre("b", "a", "b w_1", "a w_1"));
  subscribers_.remove(b_);
  EXPECT_THAT(start(), ElementsAre("a"));
}

TEST_F(EventSubscribersTest, MayUnsubscribeThemselvesAndOthersDuringAnEvent) {
  for (Subscriber* each : {&a_, &b_, &c_}) subscribers_.add(*each);
  a_.action = [this] {
    subscribers_.remove(a_);
    subscribers_.remove(b_);
  };
  EXPECT_THAT(start(), ElementsAre("a", "c"));
  EXPECT_THAT(start(), ElementsAre("c"));
}

TEST_F(EventSubscribersTest, WhoSubscribesDuringAnEventHearsTheNext) {
  subscribers_.add(a_);
  a_.action = [this] {
    subscribers_.add(b_);
    subscribers_.add(c_);
    a_.action = {};
  };
  EXPECT_THAT(start(), ElementsAre("a"));
  EXPECT_THAT(start(), ElementsAre("a", "b", "c"));
}

TEST_F(EventSubscribersTest, AnEventMayCauseAnother) {
  for (Subscriber* each : {&a_, &b_, &c_}) subscribers_.add(*each);
  a_.action = [this] {
    subscribers_.remove(b_);
    subscribers_.notify(&MasterEvents::on_test_stop);
  };
  EXPECT_THAT(start(), ElementsAre("a", "a stop", "c stop", "c"));
}

}  // namespace
}  // namespace locust::master
