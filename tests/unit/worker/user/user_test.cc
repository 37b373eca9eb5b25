// The stopping table of user.h, cell by cell, on real fibers in simulated time.
#include "worker/user/user.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "tests/unit/worker/user/scripted_user.h"
#include "worker/user/fiber_context.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

class UserTest : public ::testing::Test {
 protected:
  UserTest() {
    engine_.respond = [](const HttpRequest& request) {
      HttpResponse r;
      r.status = 200;
      r.response_time = request.url.ends_with("/slow") ? Duration(100s) : Duration(2s);
      return r;
    };
    script_.on_start = [this](User&) { log("on_start"); };
    script_.on_stop = [this](User&) { log("on_stop"); };
    script_.wait_time = constant(10);
    script_.tasks = one_task([this](User& user) { request(user, "/"); });
  }

  // Logs what a request of a task or hook came to.
  void request(User& user, const std::string& path) {
    try {
      user.client().get(path);
      log("got " + path);
    } catch (const UserKilled&) {
      log("killed in " + path);
      throw;
    }
  }
  void start() {
    context_.emplace(loop_, engine_, stacks_, [this] { ended_ = true; });
    user_ = std::make_unique<ScriptedUser>(UserEnvironment{.context = *context_,
                                                           .engine = engine_,
                                                           .stats = stats_,
                                                           .rng = rng_,
                                                           .events = events_,
                                                           .class_name = class_name_,
                                                           .host = "http://shop",
                                                           .user_id = 0},
                                           script_);
    EXPECT_EQ(user_->state(), UserState::kCreated);
    context_->start([this] { user_->run(); });
  }
  // As UserPool does.
  void stop() {
    if (user_->stop()) context_->kill();
  }
  void log(const std::string& text) { log_.push_back(text); }
  UserState state() const { return user_->state(); }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  FiberStacks stacks_;
  RequestStats stats_{0, StatsRole::kWorker};
  Rng rng_{1};
  UserEvents events_;
  std::string class_name_ = "ShopUser";
  UserScript script_;
  Log log_;
  bool ended_ = false;
  std::unique_ptr<ScriptedUser> user_;
  std::optional<FiberContext> context_;
};

TEST_F(UserTest, StartRunsOnStartAndThenTasks) {
  start();
  EXPECT_EQ(state(), UserState::kRunning);
  EXPECT_EQ(log_, (Log{"on_start"}));
  EXPECT_EQ(engine_.in_flight(), 1U);
}

TEST_F(UserTest, TaskDoneWhileRunningLeadsToWaiting) {
  start();
  loop_.advance(2s);
  EXPECT_EQ(state(), UserState::kWaiting);
  EXPECT_EQ(log_, (Log{"on_start", "got /"}));
  EXPECT_EQ(stats_.total().num_requests, 1);
}

TEST_F(UserTest, WaitOverLeadsToRunning) {
  start();
  loop_.advance(12s);
  EXPECT_EQ(state(), UserState::kRunning);
  EXPECT_EQ(engine_.started, 2);
}

TEST_F(UserTest, StopWhileWaitingRunsOnStopAtOnce) {
  start();
  loop_.advance(5s);
  stop();
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_TRUE(context_->done());
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, StopWhileRunningFinishesTheTask) {
  start();
  loop_.advance(1s);
  stop();
  EXPECT_EQ(state(), UserState::kStopping);
  loop_.advance(1s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(stats_.total().num_requests, 1);
}

TEST_F(UserTest, StopWhileATaskSleepsFinishesTheTask) {
  script_.tasks = one_task([this](User& user) {
    user.sleep(30s);
    log("slept");
  });
  start();
  loop_.advance(1s);
  stop();
  EXPECT_EQ(state(), UserState::kStopping);
  loop_.advance(30s);
  EXPECT_EQ(log_, (Log{"on_start", "slept", "on_stop"}));
}

TEST_F(UserTest, StopDuringAWaitWithinATaskEndsTheTaskThere) {
  script_.tasks = one_task([this](User& user) {
    user.wait();
    log("not reached");
  });
  start();
  loop_.advance(1s);
  EXPECT_EQ(state(), UserState::kWaiting);
  stop();
  EXPECT_EQ(log_, (Log{"on_start", "on_stop"}));
}

TEST_F(UserTest, AWaitWithinATaskIsNotBegunOnceStopping) {
  script_.tasks = one_task([this](User& user) {
    request(user, "/");
    user.wait();
    log("not reached");
  });
  start();
  stop();
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
}

TEST_F(UserTest, StopDuringOnStartWaitsForItAndRunsNoTask) {
  script_.on_start = [this](User& user) { request(user, "/login"); };
  start();
  stop();
  EXPECT_EQ(state(), UserState::kStopping);
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"got /login", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
}

TEST_F(UserTest, StopWhileStoppingDoesNothing) {
  start();
  stop();
  stop();
  EXPECT_EQ(state(), UserState::kStopping);
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
}

TEST_F(UserTest, StopDuringOnStopDoesNothing) {
  script_.on_stop = [this](User& user) { request(user, "/logout"); };
  start();
  loop_.advance(5s);
  stop();
  EXPECT_EQ(state(), UserState::kInOnStop);
  stop();
  EXPECT_EQ(state(), UserState::kInOnStop);
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "got /logout"}));
  EXPECT_EQ(state(), UserState::kStopped);
}

TEST_F(UserTest, OnStopAfterAStoppedOnStartIsOnStopToo) {
  script_.on_start = [](User&) { throw StopUser{}; };
  script_.on_stop = [this](User& user) { request(user, "/logout"); };
  start();
  EXPECT_EQ(state(), UserState::kInOnStop);
  stop();
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"got /logout"}));
}

TEST_F(UserTest, StopDuringOnStopOfATaskSetDoesNothing) {
  struct SlowToLeave final : TaskSet {
    using TaskSet::TaskSet;
    void on_stop() override { user().client().get("/leave"); }
  };
  script_.make_task_set = [](User& user) {
    return std::make_unique<SlowToLeave>(user, user.tasks());
  };
  start();
  loop_.advance(5s);
  stop();
  EXPECT_EQ(state(), UserState::kInOnStop);
  stop();
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
  EXPECT_EQ(stats_.find("/leave", "GET")->num_requests, 1);
}

TEST_F(UserTest, StopWhenStoppedDoesNothing) {
  start();
  loop_.advance(5s);
  stop();
  stop();
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
}

TEST_F(UserTest, KillWhileWaitingRunsOnStopAtOnce) {
  start();
  loop_.advance(5s);
  EXPECT_FALSE(context_->kill());
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, KillWhileRunningCancelsTheExchange) {
  start();
  loop_.advance(1s);
  EXPECT_TRUE(context_->kill());
  EXPECT_EQ(engine_.cancelled, 1);
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_EQ(stats_.total().num_requests, 0);
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, KillWhileATaskSleepsEndsIt) {
  script_.tasks = one_task([](User& user) { user.sleep(30s); });
  start();
  EXPECT_FALSE(context_->kill());
  EXPECT_EQ(log_, (Log{"on_start", "on_stop"}));
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, KillDuringOnStartRunsOnStop) {
  script_.on_start = [this](User& user) { request(user, "/login"); };
  start();
  EXPECT_TRUE(context_->kill());
  EXPECT_EQ(log_, (Log{"killed in /login", "on_stop"}));
}

TEST_F(UserTest, KillWhileStoppingCancelsTheExchange) {
  start();
  stop();
  EXPECT_TRUE(context_->kill());
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
}

TEST_F(UserTest, OnStopMayWaitAfterAKill) {
  script_.on_stop = [this](User& user) {
    request(user, "/logout");
    user.sleep(1s);
    log("bye");
  };
  start();
  context_->kill();
  EXPECT_EQ(state(), UserState::kInOnStop);
  loop_.advance(3s);
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "got /logout", "bye"}));
  EXPECT_EQ(stats_.total().num_requests, 1);
  EXPECT_TRUE(ended_);
}

TEST_F(UserTest, KillDuringOnStopCutsItOff) {
  script_.on_stop = [this](User& user) { request(user, "/slow"); };
  start();
  context_->kill();
  EXPECT_TRUE(context_->kill());
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "killed in /slow"}));
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_EQ(engine_.cancelled, 2);
}

TEST_F(UserTest, KillWhenStoppedDoesNothing) {
  start();
  context_->kill();
  EXPECT_FALSE(context_->kill());
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "on_stop"}));
}

TEST_F(UserTest, StopUserWhileRunningRunsOnStop) {
  script_.tasks = one_task([](User&) { throw StopUser{}; });
  start();
  EXPECT_EQ(log_, (Log{"on_start", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
}

TEST_F(UserTest, StopUserWhileStoppingRunsOnStop) {
  script_.tasks = one_task([this](User& user) {
    request(user, "/");
    throw StopUser{};
  });
  start();
  stop();
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
  EXPECT_EQ(state(), UserState::kStopped);
}

TEST_F(UserTest, AnExceptionWhileStoppingStillEndsInOnStop) {
  script_.tasks = one_task([this](User& user) {
    request(user, "/");
    throw std::runtime_error("wrong");
  });
  start();
  stop();
  loop_.advance(2s);
  EXPECT_EQ(log_, (Log{"on_start", "got /", "on_stop"}));
}

TEST_F(UserTest, AnErrorInOnStartIsAnExceptionAndEndsTheUser) {
  events_.exception = [this](const User&, const std::string& message, const std::string&) {
    log("exception " + message);
  };
  events_.hook_failed = [this](const User&, std::string_view hook, const std::string&,
                               const std::string&) { log(std::string(hook) + " failed"); };
  script_.on_start = [](User&) { throw std::runtime_error("no login"); };
  start();
  loop_.advance(1s);
  EXPECT_EQ(state(), UserState::kStopped);
  EXPECT_EQ(log_, (Log{"exception no login", "on_start failed"}));
}

TEST_F(UserTest, AbandonCutsOffEverythingThatTheUserStillWaitsFor) {
  script_.on_stop = [this](User& user) { request(user, "/logout"); };
  start();
  EXPECT_TRUE(context_->abandon());
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "killed in /logout"}));
  EXPECT_TRUE(context_->done());
  EXPECT_EQ(engine_.in_flight(), 0U);
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, DestroyingTheContextEndsTheUser) {
  start();
  context_.reset();
  EXPECT_EQ(log_, (Log{"on_start", "killed in /", "on_stop"}));
  EXPECT_EQ(engine_.in_flight(), 0U);
  EXPECT_TRUE(loop_.idle());
}

TEST_F(UserTest, AVeryLongSleepIsNoOverflow) {
  script_.tasks = one_task([](User& user) { user.sleep(Duration::max()); });
  start();
  loop_.advance(1000h);
  EXPECT_EQ(log_, (Log{"on_start"}));
  context_->kill();
  EXPECT_EQ(log_, (Log{"on_start", "on_stop"}));
}

TEST_F(UserTest, TheLoopsCodeNeverRunsOnTheUsersStack) {
  const auto stack_address = [] {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  };
  std::uintptr_t on_user_stack = 0;
  std::uintptr_t in_engine = 0;
  engine_.respond = [&](const HttpRequest&) {
    in_engine = stack_address();
    return HttpResponse{};
  };
  script_.tasks = one_task([&](User& user) {
    on_user_stack = stack_address();
    user.client().get("/");
  });
  start();
  const auto distance = [](std::uintptr_t a, std::uintptr_t b) { return a > b ? a - b : b - a; };
  EXPECT_GT(distance(on_user_stack, in_engine), stacks_.stack_bytes());
}

}  // namespace
}  // namespace locust::worker
