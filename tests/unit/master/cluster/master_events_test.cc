#include "master/cluster/master_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/master/cluster/master_fixture.h"

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

// ---- A master's subscribers may call its commands ----

class MasterEventsTest : public MasterTest {
 protected:
  // Does what `actions` says when it is notified of an event.
  class Subscriber final : public MasterEvents {
   public:
    explicit Subscriber(Master& master) : master_(master) { master_.subscribe(*this); }
    ~Subscriber() { master_.unsubscribe(*this); }
    void on_test_start() override { hear("start"); }
    void on_spawning_complete(std::int64_t) override { hear("spawned"); }
    void on_test_stopping() override { hear("stopping"); }
    void on_test_stop() override { hear("stop"); }
    void on_before_stats_reset() override { hear("before reset"); }
    void on_worker_loss(const WorkerLoss&) override { hear("loss"); }
    void on_quitting() override { hear("quitting"); }
    void on_quit_complete() override { hear("quit"); }

    std::vector<std::string> heard;
    std::map<std::string, std::function<void()>> actions;

   private:
    void hear(const std::string& event) {
      heard.push_back(event);
      if (const auto action = actions.find(event); action != actions.end()) action->second();
    }
    Master& master_;
  };
};

TEST_F(MasterEventsTest, AStopWithinTheStartKeepsTheTestFromGettingUsers) {
  Subscriber subscriber(master());
  ScriptedWorker& worker = join("a_1");
  subscriber.actions["start"] = [this] {
    master().start(5, 5);
    master().stop();
  };
  master().start(2, 2);
  loop_.advance(seconds(2));
  EXPECT_TRUE(worker.got<proto::Spawn>().empty());
  EXPECT_EQ(master().state(), MasterState::kReady);
  EXPECT_THAT(subscriber.heard, ElementsAre("start"));
}

TEST_F(MasterEventsTest, AQuitWithinTheStartIsAQuit) {
  Subscriber subscriber(master());
  ScriptedWorker& worker = join("a_1");
  subscriber.actions["start"] = [this] { master().quit(); };
  master().start(2, 2);
  loop_.advance(seconds(2));
  EXPECT_TRUE(worker.got<proto::Spawn>().empty());
  EXPECT_THAT(subscriber.heard, ElementsAre("start", "stopping", "stop", "quitting", "quit"));
}

TEST_F(MasterEventsTest, AStopOrQuitWithinAStopIsOne) {
  Subscriber subscriber(master());
  ScriptedWorker& worker = join("a_1");
  subscriber.actions["stopping"] = [this] { master().stop(); };
  master().start(1, 1);
  loop_.advance(seconds(2));
  master().stop();
  loop_.advance(seconds(2));
  EXPECT_EQ(worker.got<proto::Stop>().size(), 1U);
  EXPECT_THAT(subscriber.heard, ElementsAre("start", "spawned", "stopping", "stop"));
  subscriber.actions["stopping"] = [this] { master().quit(); };
  master().start(1, 1);
  loop_.advance(seconds(2));
  subscriber.heard.clear();
  master().stop();
  EXPECT_EQ(worker.got<proto::Stop>().size(), 1U);
  loop_.advance(seconds(2));
  EXPECT_THAT(subscriber.heard, ElementsAre("stopping", "stop", "quitting", "quit"));
}

TEST_F(MasterEventsTest, AQuitDuringAStopTellsOnceThatTheTestStops) {
  Subscriber subscriber(master());
  join("a_1", {.stop_time = seconds(5)});
  master().start(1, 1);
  loop_.advance(seconds(2));
  master().stop();
  master().quit();
  loop_.advance(seconds(20));
  EXPECT_THAT(subscriber.heard,
              ElementsAre("start", "spawned", "stopping", "stop", "quitting", "quit"));
}

// While workers stop, start() ends the test and begins the next one.
TEST_F(MasterEventsTest, AStartWithinTheStopOfARestartedTestHasNoEffect) {
  Subscriber subscriber(master());
  ScriptedWorker& worker = join("a_1", {.stop_time = seconds(5)});
  master().start(1, 1);
  loop_.advance(seconds(2));
  master().stop();
  subscriber.actions["stop"] = [this] { master().start(9, 9); };
  subscriber.heard.clear();
  master().start(3, 3);
  EXPECT_THAT(subscriber.heard, ElementsAre("stop", "start"));
  loop_.advance(seconds(20));
  EXPECT_EQ(worker.users(), 3);
  EXPECT_EQ(std::ranges::count(subscriber.heard, "start"), 1);
}

TEST_F(MasterEventsTest, AQuitWithinTheStopOfARestartedTestIsAQuit) {
  Subscriber subscriber(master());
  ScriptedWorker& worker = join("a_1", {.stop_time = seconds(5)});
  master().start(1, 1);
  loop_.advance(seconds(2));
  master().stop();
  subscriber.actions["stop"] = [this] { master().quit(); };
  subscriber.heard.clear();
  master().start(3, 3);
  loop_.advance(seconds(20));
  EXPECT_EQ(worker.got<proto::Spawn>().size(), 1U);
  EXPECT_THAT(subscriber.heard, ElementsAre("stop", "quitting", "quit"));
}

TEST_F(MasterEventsTest, ATestMayEndWhenItsStatisticsAreResetAfterTheRamp) {
  MasterConfig config;
  config.reset_stats = true;
  make_master(std::move(config));
  Subscriber subscriber(master());
  join("a_1");
  subscriber.actions["before reset"] = [this] { master().stop(); };
  master().start(1, 1);
  loop_.advance(seconds(5));
  EXPECT_EQ(master().state(), MasterState::kStopped);
  EXPECT_THAT(subscriber.heard, ElementsAre("start", "before reset", "stopping", "stop"));
}

TEST_F(MasterEventsTest, ALostWorkerEndsTheTestOnlyIfASubscriberDoesSo) {
  for (const bool ends : {true, false}) {
    master_.reset();
    workers_.clear();
    make_master();
    Subscriber subscriber(master());
    join("a_1");
    ScriptedWorker& b = join("b_1");
    if (ends) subscriber.actions["loss"] = [this] { master().stop(); };
    master().start(2, 2);
    loop_.advance(seconds(2));
    b.send(proto::Quit{});
    b.freeze();
    loop_.advance(seconds(5));
    EXPECT_EQ(master().state(), ends ? MasterState::kStopped : MasterState::kRunning);
    EXPECT_EQ(std::ranges::count(subscriber.heard, "loss"), 1);
  }
}

}  // namespace
}  // namespace locust::master
