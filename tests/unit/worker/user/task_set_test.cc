#include "worker/user/task_set.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/fake_user_context.h"
#include "tests/unit/worker/user/scripted_user.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;

// Runs one user straight through, without switching.
class TaskSetTest : public ::testing::Test {
 protected:
  void run() {
    ScriptedUser user({.context = context_,
                       .engine = engine_,
                       .stats = stats_,
                       .rng = rng_,
                       .events = events_,
                       .class_name = class_name_,
                       .host = "http://shop",
                       .user_id = 7},
                      script_);
    user.run();
    EXPECT_EQ(user.state(), UserState::kStopped);
  }
  Task logs(std::string text, double weight = 1) {
    return user_task([this, text](User&) { log(text); }, text, weight);
  }
  Task throws(std::string name, std::function<void()> body) {
    return user_task([body = std::move(body)](User&) { body(); }, std::move(name));
  }
  void log(const std::string& text) {
    log_.push_back(text);
    if (log_.size() > 1000) throw StopUser{};
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  fakes::FakeUserContext context_;
  RequestStats stats_{0, StatsRole::kWorker};
  Rng rng_{1};
  std::string class_name_ = "ShopUser";
  std::vector<std::string> log_;
  std::vector<std::string> exceptions_;
  std::vector<std::string> hook_failures_;
  UserEvents events_{
      .exception =
          [this](const User&, const std::string& message, const std::string& traceback) {
            exceptions_.push_back(message + "|" + traceback);
          },
      .hook_failed =
          [this](const User&, std::string_view hook, const std::string& message,
                 const std::string&) {
            hook_failures_.push_back(std::string(hook) + ": " + message);
          }};
  UserScript script_;
};

using Log = std::vector<std::string>;

TEST(TaskList, DrawsByWeight) {
  const TaskList tasks({user_task([](User&) {}, "one", 1), user_task([](User&) {}, "half", 0.5),
                        user_task([](User&) {}, "never", 0), user_task([](User&) {}, "three", 3)});
  Rng rng(2024);
  std::map<std::string, int> drawn;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) ++drawn[tasks.pick(rng).name];
  EXPECT_EQ(drawn["never"], 0);
  EXPECT_NEAR(drawn["one"], kDraws * 1 / 4.5, 500);
  EXPECT_NEAR(drawn["half"], kDraws * 0.5 / 4.5, 500);
  EXPECT_NEAR(drawn["three"], kDraws * 3 / 4.5, 500);
}

TEST_F(TaskSetTest, WaitsAfterEachTask) {
  int runs = 0;
  script_.wait_time = between(1, 3);
  script_.tasks = one_task([&](User& user) {
    EXPECT_EQ(user.iteration(), static_cast<std::uint64_t>(runs));
    if (++runs == 4) throw StopUser{};
  });
  run();
  ASSERT_EQ(context_.sleeps.size(), 3U);
  for (const Duration d : context_.sleeps) {
    EXPECT_GE(d, 1s);
    EXPECT_LE(d, 3s);
  }
}

TEST_F(TaskSetTest, AUserThatNeverWaitsYieldsAfterEachTask) {
  int runs = 0;
  script_.wait_time = constant(0);
  script_.tasks = one_task([&](User&) {
    if (++runs == 3) throw StopUser{};
  });
  run();
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{0s, 0s}));
}

TEST_F(TaskSetTest, ALongScriptYieldsEvery100Steps) {
  script_.tasks = one_task([&](User& user) {
    for (int i = 0; i < 99; ++i) user.count_step();
    EXPECT_TRUE(context_.sleeps.empty());
    user.count_step();
    EXPECT_EQ(context_.sleeps.size(), 1U);
    for (int i = 0; i < 200; ++i) user.count_step();
    EXPECT_EQ(context_.sleeps, (std::vector<Duration>{0s, 0s, 0s}));
    throw StopUser{};
  });
  run();
}

TEST_F(TaskSetTest, HooksFrameTheTasks) {
  script_.on_start = [this](User& user) {
    EXPECT_EQ(user.user_id(), 7U);
    log("on_start");
  };
  script_.on_stop = [this](User&) { log("on_stop"); };
  script_.tasks = one_task([this](User&) {
    log("task");
    throw StopUser{};
  });
  run();
  EXPECT_EQ(log_, (Log{"on_start", "task", "on_stop"}));
}

TEST_F(TaskSetTest, AnExceptionInATaskIsReportedAndTheUserGoesOnAfterItsWait) {
  int runs = 0;
  script_.tasks = one_task([&](User&) {
    ++runs;
    if (runs == 1) throw std::runtime_error("no token");
    if (runs == 2) throw TaskError("no cart", "shop.yaml:14:7 in task list_orders\n");
    if (runs == 3) throw 5;
    throw StopUser{};
  });
  run();
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s, 1s, 1s}));
  EXPECT_EQ(exceptions_,
            (Log{"no token|  in ShopUser.task\n", "no cart|shop.yaml:14:7 in task list_orders\n",
                 "unknown exception|  in ShopUser.task\n"}));
}

TEST_F(TaskSetTest, AnExceptionInOnStartEndsTheUserWithoutOnStop) {
  script_.on_start = [](User&) { throw std::runtime_error("login failed"); };
  script_.on_stop = [this](User&) { log("on_stop"); };
  script_.tasks = TaskList({logs("task")});
  run();
  EXPECT_TRUE(log_.empty());
  EXPECT_EQ(hook_failures_, (Log{"on_start: login failed"}));
  EXPECT_EQ(exceptions_, (Log{"login failed|  in ShopUser.on_start\n"}));
}

TEST_F(TaskSetTest, StopUserInOnStartLeadsToOnStop) {
  script_.on_start = [](User&) { throw StopUser{}; };
  script_.on_stop = [this](User&) { log("on_stop"); };
  run();
  EXPECT_EQ(log_, (Log{"on_stop"}));
}

TEST_F(TaskSetTest, AnExceptionInOnStopIsLoggedOnly) {
  script_.on_stop = [](User&) { throw std::runtime_error("bye"); };
  script_.tasks = one_task([](User&) { throw StopUser{}; });
  run();
  EXPECT_EQ(hook_failures_, (Log{"on_stop: bye"}));
}

TEST_F(TaskSetTest, RescheduleTaskEndsTheTaskAndImmediatelySkipsTheWait) {
  int runs = 0;
  script_.tasks = one_task([&](User& user) {
    EXPECT_EQ(user.iteration(), static_cast<std::uint64_t>(runs));
    ++runs;
    if (runs == 1) throw RescheduleTask{};
    if (runs == 2) throw RescheduleTaskImmediately{};
    throw StopUser{};
  });
  run();
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s, 0s}));
  EXPECT_TRUE(exceptions_.empty());
}

TEST_F(TaskSetTest, AUserWithoutTasksSaysSoAfterEachWaitOrEachSecond) {
  script_.wait_time = constant(0);
  context_.kill_at(context_.clock().now() + 2500ms);
  run();
  ASSERT_EQ(exceptions_.size(), 3U);
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s, 1s, 1s}));
  EXPECT_EQ(exceptions_[0].substr(0, 30), "No tasks defined on ShopUser.|");
}

TEST_F(TaskSetTest, AnErrorInTheWaitTimeIsReportedAndEndsTheUserThroughOnStop) {
  script_.wait_time = [](const WaitInput&) -> Duration { throw std::runtime_error("no rate"); };
  script_.on_stop = [this](User&) { log("on_stop"); };
  script_.tasks = TaskList({logs("task")});
  run();
  EXPECT_EQ(log_, (Log{"task", "on_stop"}));
  EXPECT_EQ(exceptions_.size(), 1U);
}

TEST_F(TaskSetTest, InterruptingTheOutermostSetEndsTheUser) {
  script_.on_stop = [this](User&) { log("on_stop"); };
  script_.tasks = one_task([](User&) { throw InterruptTaskSet{}; });
  run();
  EXPECT_TRUE(log_.empty());  // as stock: the error does not lead to on_stop
  EXPECT_EQ(hook_failures_.size(), 1U);
}

TEST_F(TaskSetTest, ASequentialSetRunsItsTasksInOrderRoundAndRound) {
  script_.make_task_set = [](User& user) {
    return std::make_unique<SequentialTaskSet>(user, user.tasks());
  };
  script_.tasks = TaskList({logs("a"), logs("b"), throws("c", [this] {
                              log("c");
                              if (log_.size() == 6) throw StopUser{};
                            })});
  run();
  EXPECT_EQ(log_, (Log{"a", "b", "c", "a", "b", "c"}));
}

TEST_F(TaskSetTest, ASequentialSetRunsATaskAsOftenInARowAsItsWeightSays) {
  script_.make_task_set = [](User& user) {
    return std::make_unique<SequentialTaskSet>(user, user.tasks());
  };
  script_.tasks = TaskList({logs("a", 3), logs("b"), throws("c", [this] {
                              log("c");
                              if (log_.size() == 10) throw StopUser{};
                            })});
  run();
  EXPECT_EQ(log_, (Log{"a", "a", "a", "b", "c", "a", "a", "a", "b", "c"}));
}

TEST_F(TaskSetTest, AUserStopsAfterItsLastIterationWithoutAWait) {
  script_.on_start = [](User& user) { user.limit_iterations(3); };
  script_.on_stop = [this](User&) { log("on_stop"); };
  script_.tasks = one_task([this](User& user) {
    log("task");
    if (user.iteration() > 0) throw std::runtime_error("counts as well");
  });
  run();
  EXPECT_EQ(log_, (Log{"task", "task", "task", "on_stop"}));
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s, 1s}));
  EXPECT_EQ(exceptions_.size(), 2U);
}

// A nested set that logs its hooks; its tasks and hooks are the test's.
class LoggedSet final : public TaskSet {
 public:
  struct Script {
    TaskList tasks;
    std::function<void(const std::string&)> log;
    std::function<void()> on_start, on_stop;
    WaitTime wait_time;
  };
  LoggedSet(User& user, Script& script) : TaskSet(user, script.tasks), script_(script) {}
  void on_start() override {
    script_.log("set.on_start");
    if (script_.on_start) script_.on_start();
  }
  void on_stop() override {
    script_.log("set.on_stop");
    if (script_.on_stop) script_.on_stop();
  }
  Duration wait_time(const WaitInput& in) override {
    return script_.wait_time ? script_.wait_time(in) : TaskSet::wait_time(in);
  }

 private:
  Script& script_;
};

class NestedTaskSetTest : public TaskSetTest {
 protected:
  NestedTaskSetTest() {
    set_.log = [this](const std::string& text) { log(text); };
    script_.on_stop = [this](User&) { log("on_stop"); };
    script_.make_task_set = [](User& user) {
      return std::make_unique<SequentialTaskSet>(user, user.tasks());
    };
    script_.tasks = TaskList(
        {{.name = "forum",
          .weight = 1,
          .run = {},
          .nested = [this](User& user) { return std::make_unique<LoggedSet>(user, set_); }},
         throws("after", [this] {
           log("after");
           throw StopUser{};
         })});
  }
  void nested_task(std::function<void()> body) {
    set_.tasks = TaskList({throws("nested", [this, body] {
      log("nested");
      body();
    })});
  }

  LoggedSet::Script set_;
};

TEST_F(NestedTaskSetTest, InterruptGoesOnInTheParentWithoutItsWait) {
  nested_task([this] {
    if (log_.size() == 3) throw InterruptTaskSet{};
  });
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "nested", "set.on_stop", "after", "on_stop"}));
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s, 0s}));
}

TEST_F(NestedTaskSetTest, InterruptWithoutRescheduleWaitsInTheParent) {
  nested_task([] { throw InterruptTaskSet{false}; });
  run();
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s}));
}

TEST_F(NestedTaskSetTest, InterruptInOnStartLeavesTheSetWithoutOnStop) {
  set_.on_start = [] { throw InterruptTaskSet{}; };
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "after", "on_stop"}));
}

TEST_F(NestedTaskSetTest, AnErrorInOnStartIsTheParentsTaskError) {
  set_.on_start = [] { throw std::runtime_error("closed"); };
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "after", "on_stop"}));
  EXPECT_EQ(exceptions_, (Log{"closed|  in ShopUser.forum\n"}));
}

TEST_F(NestedTaskSetTest, StopUserRunsEveryOnStopFromTheInside) {
  nested_task([] { throw StopUser{}; });
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "set.on_stop", "on_stop"}));
}

TEST_F(NestedTaskSetTest, AnErrorInOnStopIsLoggedAndDoesNotChangeTheWayOut) {
  nested_task([] { throw InterruptTaskSet{}; });
  set_.on_stop = [] { throw std::runtime_error("stuck"); };
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "set.on_stop", "after", "on_stop"}));
  EXPECT_EQ(hook_failures_, (Log{"on_stop: stuck"}));
}

TEST_F(NestedTaskSetTest, StopUserInOnStopOfAnInterruptedSetStopsTheUser) {
  nested_task([] { throw InterruptTaskSet{}; });
  set_.on_stop = [] { throw StopUser{}; };
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "set.on_stop", "on_stop"}));
}

TEST_F(NestedTaskSetTest, IterationsAreThoseOfTheTasksInIt) {
  script_.on_start = [](User& user) { user.limit_iterations(2); };
  nested_task([] {});
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "nested", "set.on_stop", "on_stop"}));
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{1s}));
}

TEST_F(NestedTaskSetTest, ALastIterationThatInterruptsLeavesTheSetOnce) {
  script_.on_start = [](User& user) { user.limit_iterations(1); };
  nested_task([] { throw InterruptTaskSet{}; });
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "set.on_stop", "on_stop"}));
}

TEST_F(NestedTaskSetTest, AKillInASetRunsItsOnStopToo) {
  set_.wait_time = constant(100);
  nested_task([] {});
  context_.kill_at(context_.clock().now() + 50s);
  run();
  EXPECT_EQ(log_, (Log{"set.on_start", "nested", "set.on_stop", "on_stop"}));
}

TEST_F(NestedTaskSetTest, ASetsOwnPacingBeginsWithTheSet) {
  set_.wait_time = constant_pacing(10);
  script_.on_start = [](User& user) { user.sleep(8s); };
  nested_task([this] {
    if (log_.size() == 4) throw InterruptTaskSet{};
  });
  run();
  EXPECT_EQ(context_.sleeps, (std::vector<Duration>{8s, 10s, 10s, 0s}));
}

}  // namespace
}  // namespace locust::worker
