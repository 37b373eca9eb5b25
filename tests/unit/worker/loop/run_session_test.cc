// A test's life on the loop: test_start, users, test_stop; one test per row of the table in
// run_session.h.
#include "worker/loop/run_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "tests/unit/worker/user/scripted_user.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What test_start and test_stop are made of.
class HookUser final : public User {
 public:
  HookUser(const UserEnvironment& environment, const TaskList& tasks,
           const std::function<void(User&)>& body)
      : User(environment, tasks), body_(body) {}
  void on_start() override {
    body_(*this);
    throw StopUser{};
  }

 private:
  const std::function<void(User&)>& body_;
};

class RunSessionTest : public ::testing::Test {
 protected:
  UserClass hook(const std::string& name, const std::function<void(User&)>& body) {
    return {.name = name, .host = "http://file", .create = [this, &body](const UserEnvironment& e) {
              return std::make_unique<HookUser>(e, no_tasks_, body);
            }};
  }
  void make(bool with_start = true, bool with_stop = true) {
    script_.tasks = one_task([](User& user) { user.client().get("/x"); });
    script_.on_start = [this](User&) { log_.push_back("user"); };
    UserClass shop{.name = "Shop",
                   .host_problem = problem_,
                   .create = [this](const UserEnvironment& environment) {
                     return std::make_unique<ScriptedUser>(environment, script_);
                   }};
    pool_.emplace(loop_, engine_, std::vector<UserClass>{shop}, UserEvents{}, 1);
    TestHooks hooks;
    if (with_start) hooks.test_start = hook("test_start", start_);
    if (with_stop) hooks.test_stop = hook("test_stop", stop_);
    hooks.order_settings = settings_;
    session_.emplace(loop_, engine_, *pool_, std::move(hooks), 1,
                     [this](const HookRun::Failure& f) { failures_.push_back(f.message); });
  }
  void target(std::int64_t count, std::string host = "http://h") {
    session_->set_target(
        {.user_classes_count = {{"Shop", count}}, .host = std::move(host)},
        [this](const UserCounts& counts) { reached_.push_back(counts.at(0).second); });
  }
  void stop_all(Duration timeout = 0s) {
    session_->stop_all(timeout, [this] { log_.push_back("stopped"); });
  }
  void end(Duration limit = 50s) {
    session_->end(limit, [this] { log_.push_back("ended"); });
  }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  UserScript script_;
  TaskList no_tasks_;
  std::function<void(User&)> start_ = [this](User& user) {
    log_.push_back("test_start");
    user.client().get("/prepare");
    log_.push_back("test_start done");
  };
  std::function<void(User&)> stop_ = [this](User& user) {
    log_.push_back("test_stop");
    user.sleep(1s);
    log_.push_back("test_stop done");
  };
  std::function<OrderSettings(OrderSettings)> settings_;
  std::vector<std::string> log_;
  std::function<std::optional<std::string>(const std::string&)> problem_;
  std::vector<std::string> failures_;
  std::vector<std::int64_t> reached_;
  std::optional<UserPool> pool_;
  std::optional<RunSession> session_;
};

worker::HttpResponse answer(int status, Duration time) {
  HttpResponse response;
  response.status = status;
  response.response_time = time;
  return response;
}

TEST_F(RunSessionTest, TestStartRunsBeforeTheFirstUserAndTestStopAfterTheLast) {
  engine_.respond = [](const HttpRequest&) { return answer(200, 2s); };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  EXPECT_THAT(log_, ElementsAre("test_start")) << "no user while it runs";
  EXPECT_EQ(pool_->user_count(), 0);
  loop_.advance(2s);
  EXPECT_THAT(log_, ElementsAre("test_start", "test_start done", "user"));
  EXPECT_THAT(reached_, ElementsAre(1));
  target(2);
  loop_.advance(1s);
  stop_all();
  loop_.advance(1s);
  end();
  loop_.advance(2s);
  EXPECT_THAT(log_, ElementsAre("test_start", "test_start done", "user", "user", "stopped",
                                "test_stop", "test_stop done", "ended"))
      << "once per test";
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(RunSessionTest, NothingOfThemIsInTheStatistics) {
  make();
  session_->begin();
  target(0);
  loop_.advance(1s);
  stop_all();
  end();
  loop_.advance(5s);
  EXPECT_EQ(engine_.started, 1);
  EXPECT_THAT(pool_->stats().entries(), IsEmpty());
}

TEST_F(RunSessionTest, TheMastersHostIsTheirsTooElseTheFiles) {
  std::vector<std::string> urls;
  engine_.respond = [&](const HttpRequest& request) {
    urls.push_back(request.url);
    return answer(200, 0s);
  };
  make(true, false);
  session_->begin();
  target(0, "");
  loop_.advance(1s);
  session_->begin();
  target(0, "http://master");
  loop_.advance(1s);
  EXPECT_THAT(urls, ElementsAre("http://file/prepare", "http://master/prepare"));
}

TEST_F(RunSessionTest, AnOrderIsCarriedOutWithWhatTestStartHasMadeOfItsSettings) {
  std::string chosen;
  settings_ = [&](OrderSettings masters) {
    log_.push_back("settings of " + masters.host);
    return OrderSettings{chosen.empty() ? masters.host : chosen, masters.stop_timeout};
  };
  start_ = [&](User&) {
    log_.push_back("test_start");
    chosen = "http://chosen";
  };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  EXPECT_THAT(log_, ElementsAre("test_start", "settings of http://h", "user"));
  EXPECT_EQ(pool_->classes().at(0).host, "http://chosen");
}

TEST_F(RunSessionTest, TheLastTargetThatCameMeanwhileCounts) {
  engine_.respond = [](const HttpRequest&) { return answer(200, 2s); };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  target(3);
  loop_.advance(2s);
  EXPECT_THAT(reached_, ElementsAre(3));
  EXPECT_EQ(pool_->user_count(), 3);
}

TEST_F(RunSessionTest, AfterAFailureNoUserStartsAndTestStopDoesNotRun) {
  start_ = [](User&) { throw std::runtime_error("no database"); };
  make();
  session_->begin();
  target(2);
  loop_.advance(1s);
  target(5);
  loop_.advance(1s);
  EXPECT_THAT(reached_, ElementsAre(0, 0)) << "the master learns that there are none";
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(failures_, ElementsAre("test_start: no database"));
  stop_all();
  end();
  loop_.advance(1s);
  EXPECT_THAT(log_, ElementsAre("ended", "stopped"));
  start_ = [this](User&) { log_.push_back("again"); };
  session_->begin();
  target(1);
  loop_.advance(1s);
  EXPECT_EQ(pool_->user_count(), 1) << "the next test is another one";
}

TEST_F(RunSessionTest, ARequestThatFailsIsAFailureToo) {
  engine_.respond = [](const HttpRequest&) { return answer(503, 0s); };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  EXPECT_THAT(failures_, ElementsAre("test_start: GET /prepare: LocustBadStatusCode(code=503)"));
}

TEST_F(RunSessionTest, AStopDuringTestStartWaitsForItTenSecondsAtLeast) {
  engine_.respond = [](const HttpRequest&) { return answer(200, 8s); };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  stop_all();
  loop_.advance(8s);
  EXPECT_THAT(log_, ElementsAre("test_start", "test_start done", "stopped"));
  EXPECT_THAT(reached_, IsEmpty());
  end();
  loop_.advance(2s);
  EXPECT_EQ(log_.back(), "ended");
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(RunSessionTest, AndThenCutsItOff) {
  engine_.respond = [](const HttpRequest&) { return answer(200, 100s); };
  make();
  session_->begin();
  target(1);
  loop_.advance(1s);
  stop_all();
  loop_.advance(6s);
  EXPECT_THAT(log_, ElementsAre("test_start"));
  loop_.advance(2s);
  EXPECT_THAT(log_, ElementsAre("test_start", "stopped"));
  EXPECT_THAT(failures_, ElementsAre("test_start did not end in time and was cut off"));
  EXPECT_EQ(engine_.in_flight(), 0U);
}

TEST_F(RunSessionTest, TestStopIsCutOffAtTheShortestLimit) {
  stop_ = [](User& user) { user.sleep(100s); };
  make(false, true);
  session_->begin();
  target(1);
  loop_.advance(1s);
  stop_all();
  loop_.advance(1s);
  end(50s);
  loop_.advance(1s);
  end(10s);
  loop_.advance(9s);
  EXPECT_THAT(log_, ElementsAre("user", "stopped"));
  loop_.advance(2s);
  EXPECT_THAT(log_, ElementsAre("user", "stopped", "ended", "ended"));
  EXPECT_THAT(failures_, ElementsAre("test_stop did not end in time and was cut off"));
}

TEST_F(RunSessionTest, WithoutHooksNothingWaits) {
  make(false, false);
  session_->begin();
  target(2);
  loop_.advance(10ms);
  EXPECT_THAT(reached_, ElementsAre(2));
  stop_all();
  loop_.advance(10ms);
  end();
  EXPECT_EQ(log_.back(), "ended");
}

TEST_F(RunSessionTest, UsersWaitAtAGateUntilItOpensOrTheyAreStopped) {
  Gate gate;
  int through = 0;
  make(false, false);
  script_.tasks = one_task([&](User& user) {
    user.wait_for(gate);
    ++through;
    user.sleep(100s);
  });
  session_->begin();
  target(3);
  loop_.advance(60s);
  EXPECT_EQ(through, 0);
  target(2);
  loop_.advance(1s);
  EXPECT_EQ(pool_->user_count(), 2) << "a stop ends the wait";
  gate.open();
  loop_.advance(1ms);
  EXPECT_EQ(through, 2);
  target(3);
  loop_.advance(1ms);
  EXPECT_EQ(through, 3) << "an open gate stops nobody";
  gate.close();
  target(4);
  loop_.advance(1s);
  EXPECT_EQ(through, 3);
  stop_all();
  loop_.advance(1s);
  EXPECT_EQ(pool_->user_count(), 0);
  gate.open();  // reaches nobody
  loop_.advance(1s);
}

TEST_F(RunSessionTest, AClassWhoseHostLeadsNowhereHasNoUsersAndThatIsSaidOncePerTest) {
  problem_ = [](const std::string& host) {
    return host == "bad" ? std::optional<std::string>("no way to 'bad'") : std::nullopt;
  };
  make(false, false);
  session_->begin();
  target(2, "bad");
  loop_.advance(1s);
  target(3, "bad");
  loop_.advance(1s);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_THAT(failures_, ElementsAre("no way to 'bad'; this worker starts none of its users"));
  target(2, "http://good");
  loop_.advance(1s);
  EXPECT_EQ(pool_->user_count(), 2);
  session_->begin();
  target(3, "bad");
  loop_.advance(1s);
  EXPECT_THAT(failures_, ::testing::SizeIs(2));
}

TEST_F(RunSessionTest, TheUsersOfTheWholeTestAreKnownBeforeTestStartHasRun) {
  std::optional<std::int64_t> users;
  start_ = [&](User&) { users = pool_->users_of_test(); };
  make();
  session_->begin();
  session_->set_target({.user_classes_count = {{"Shop", 2}}, .users_of_test = 50}, {});
  EXPECT_EQ(pool_->target(), UserCounts());
  loop_.advance(1s);
  EXPECT_EQ(users, 50);
  EXPECT_EQ(pool_->target(), (UserCounts{{"Shop", 2}}));
}

}  // namespace
}  // namespace locust::worker
