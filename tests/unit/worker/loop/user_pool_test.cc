#include "worker/loop/user_pool.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "tests/unit/worker/user/scripted_user.h"
#include "worker/user/sanitizers.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using Counts = std::map<std::string, std::int64_t>;

Counts by_name(const UserCounts& counts) { return {counts.begin(), counts.end()}; }

// Two classes: Shop makes a request of 2 s and waits 10 s, Admin the same.
class UserPoolTest : public ::testing::Test {
 protected:
  UserPoolTest() {
    log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_));
    engine_.respond = [this](const HttpRequest& request) {
      urls_.push_back(request.url);
      HttpResponse r;
      r.status = 200;
      r.response_time = response_time_;
      return r;
    };
    script_.wait_time = constant(10);
    script_.tasks = one_task([this](User& user) {
      user_ids_.push_back(user.user_id());
      user.client().get("/");
    });
    pool_.emplace(loop_, engine_, classes(), UserEvents{}, 1);
  }
  void TearDown() override {
    pool_.reset();
    log::capture(nullptr);
  }

  std::vector<UserClass> classes() {
    std::vector<UserClass> result;
    for (const char* name : {"Shop", "Admin"}) {
      result.push_back({.name = name,
                        .host = std::string("http://") + name,
                        .create = [this](const UserEnvironment& environment) {
                          return std::make_unique<ScriptedUser>(environment, script_);
                        }});
    }
    return result;
  }

  void set_target(const Counts& counts, Duration stop_timeout = {}, std::string host = {}) {
    pool_->set_target({.user_classes_count = {counts.begin(), counts.end()},
                       .stop_timeout = stop_timeout,
                       .host = std::move(host)},
                      [this](const UserCounts& reached) { reached_.push_back(by_name(reached)); });
  }
  void stop_all(Duration stop_timeout = {}) {
    pool_->stop_all(stop_timeout, [this] { ++stopped_; });
  }
  // As many turns as it takes, at one point in time.
  void turns() { loop_.advance(0s); }
  Counts counts() const { return by_name(pool_->user_classes_count()); }
  std::int64_t shops() const { return counts().at("Shop"); }

  fakes::SimulatedLoop loop_;
  fakes::FakeHttpEngine engine_{loop_};
  UserScript script_;
  Duration response_time_ = 2s;
  std::vector<std::string> urls_;
  std::vector<std::uint64_t> user_ids_;
  std::vector<Counts> reached_;
  int stopped_ = 0;
  std::ostringstream log_;
  std::optional<UserPool> pool_;
};

TEST_F(UserPoolTest, StartsWhatIsMissingAndReportsTheCountsOfAllClasses) {
  EXPECT_EQ(counts(), (Counts{{"Admin", 0}, {"Shop", 0}}));
  set_target({{"Shop", 3}});
  EXPECT_EQ(pool_->user_count(), 0);  // nothing happens within the call
  turns();
  EXPECT_EQ(reached_, (std::vector<Counts>{{{"Admin", 0}, {"Shop", 3}}}));
  EXPECT_EQ(engine_.in_flight(), 3U);
  EXPECT_EQ(pool_->user_count(), 3);
}

TEST_F(UserPoolTest, TargetsAreAbsoluteAndClassesNotNamedKeepTheirUsers) {
  set_target({{"Shop", 3}, {"Admin", 1}});
  turns();
  set_target({{"Shop", 5}});
  turns();
  set_target({{"Shop", 2}});
  turns();
  EXPECT_EQ(reached_, (std::vector<Counts>{{{"Admin", 1}, {"Shop", 3}},
                                           {{"Admin", 1}, {"Shop", 5}},
                                           {{"Admin", 1}, {"Shop", 2}}}));
}

TEST_F(UserPoolTest, ATargetThatIsAlreadyThereIsReportedAsWell) {
  set_target({});
  turns();
  EXPECT_EQ(reached_.size(), 1U);
  set_target({{"Shop", 0}});
  turns();
  EXPECT_EQ(reached_.size(), 2U);
}

TEST_F(UserPoolTest, NegativeCountsActAsZeroAndUnknownClassesAreLeftOut) {
  set_target({{"Shop", 2}});
  turns();
  const Target target{.user_classes_count = {{"Shop", -3}, {"Admin", 1}, {"Ghost", 4}},
                      .stop_timeout = {},
                      .host = {}};
  set_target(by_name(target.user_classes_count));
  turns();
  EXPECT_EQ(reached_.back(), (Counts{{"Admin", 1}, {"Shop", 0}}));
}

TEST_F(UserPoolTest, AHostReplacesThatOfEveryClassForUsersStartedFromThenOn) {
  set_target({{"Shop", 1}});
  turns();
  set_target({{"Shop", 2}, {"Admin", 1}}, {}, "http://master");
  turns();
  set_target({{"Admin", 2}});
  turns();
  loop_.advance(12s);
  EXPECT_EQ(urls_, (std::vector<std::string>{"http://Shop/", "http://master/", "http://master/",
                                             "http://master/", "http://Shop/", "http://master/",
                                             "http://master/", "http://master/"}));
}

TEST_F(UserPoolTest, AHostSetForOneClassIsNotTheOthers) {
  pool_->set_host("Shop", "http://new");
  set_target({{"Shop", 1}, {"Admin", 1}});
  loop_.advance(1s);
  EXPECT_EQ(urls_, (std::vector<std::string>{"http://new/", "http://Admin/"}));
}

TEST_F(UserPoolTest, UserIdsCountAllUsersAndAreNotUsedAgain) {
  set_target({{"Shop", 2}});
  turns();
  set_target({{"Shop", 0}});
  turns();
  set_target({{"Shop", 2}});
  turns();
  EXPECT_EQ(user_ids_, (std::vector<std::uint64_t>{0, 1, 2, 3}));
}

TEST_F(UserPoolTest, WithoutStopTimeoutUsersAreKilledAtOnceAndTheirRequestsCancelled) {
  set_target({{"Shop", 5}});
  loop_.advance(1s);
  set_target({{"Shop", 2}});
  turns();
  EXPECT_EQ(shops(), 2);
  EXPECT_EQ(engine_.cancelled, 3);
  EXPECT_NE(log_.str().find("3 requests in flight were cancelled"), std::string::npos);
  loop_.advance(1s);
  EXPECT_EQ(pool_->stats().total().num_requests, 2);
}

TEST_F(UserPoolTest, WithStopTimeoutTasksInFlightFinishAndTheTargetIsReportedAfterwards) {
  set_target({{"Shop", 5}});
  loop_.advance(1s);
  set_target({{"Shop", 2}}, 5s);
  loop_.advance(500ms);
  EXPECT_EQ(shops(), 5);  // users still finishing are present
  EXPECT_EQ(reached_.size(), 1U);
  loop_.advance(500ms);
  EXPECT_EQ(reached_.back(), (Counts{{"Admin", 0}, {"Shop", 2}}));
  EXPECT_EQ(pool_->stats().total().num_requests, 5);
  EXPECT_EQ(engine_.cancelled, 0);
}

TEST_F(UserPoolTest, AUserStillInItsTaskWhenTheStopTimeoutIsOverIsKilled) {
  response_time_ = 60s;
  set_target({{"Shop", 2}});
  turns();
  set_target({{"Shop", 1}}, 5s);
  loop_.advance(4999ms);
  EXPECT_EQ(shops(), 2);
  loop_.advance(1ms);
  EXPECT_EQ(reached_.back(), (Counts{{"Admin", 0}, {"Shop", 1}}));
  EXPECT_EQ(engine_.cancelled, 1);
  EXPECT_NE(log_.str().find("Not all users finished their tasks & terminated in 5.0 seconds. "
                            "Stopping them..."),
            std::string::npos);
}

TEST_F(UserPoolTest, OnStopOfAKilledUserGetsSevenSeconds) {
  script_.on_stop = [](User& user) { user.sleep(6s); };
  set_target({{"Shop", 1}});
  turns();
  set_target({{"Shop", 0}});
  loop_.advance(5s);
  EXPECT_EQ(shops(), 1);
  loop_.advance(1s);
  EXPECT_EQ(reached_.back().at("Shop"), 0);
}

TEST_F(UserPoolTest, OnStopIsCutOffAfterSevenSecondsWithStopTimeoutZero) {
  bool finished = false;
  script_.on_stop = [&](User& user) {
    user.sleep(8s);
    finished = true;
  };
  set_target({{"Shop", 1}});
  turns();
  stop_all();
  loop_.advance(6999ms);
  EXPECT_EQ(stopped_, 0);
  loop_.advance(1ms);
  EXPECT_EQ(stopped_, 1);
  EXPECT_FALSE(finished);
}

TEST_F(UserPoolTest, OnStopIsCutOffWhenTheStopTimeoutIsOver) {
  script_.on_stop = [](User& user) { user.sleep(60s); };
  set_target({{"Shop", 1}});
  loop_.advance(5s);  // it waits between tasks, so on_stop begins at once
  stop_all(3s);
  loop_.advance(2999ms);
  EXPECT_EQ(stopped_, 0);
  loop_.advance(1ms);
  EXPECT_EQ(stopped_, 1);
}

TEST_F(UserPoolTest, AUserKilledByTheStopTimeoutStillRunsOnStop) {
  response_time_ = 60s;
  std::vector<std::string> log;
  script_.on_stop = [&](User& user) {
    log.emplace_back("begun");
    user.sleep(4s);
    log.emplace_back("done");
  };
  set_target({{"Shop", 1}});
  turns();
  stop_all(3s);
  loop_.advance(3s);
  EXPECT_EQ(log, (std::vector<std::string>{"begun"}));
  loop_.advance(4s);
  EXPECT_EQ(log, (std::vector<std::string>{"begun", "done"}));
  EXPECT_EQ(stopped_, 1);
}

TEST_F(UserPoolTest, AUserInItsOwnOnStopIsNotCutOffByAStopWithoutTimeout) {
  bool finished = false;
  script_.tasks = one_task([](User&) { throw StopUser{}; });
  script_.on_stop = [&](User& user) {
    user.sleep(6s);
    finished = true;
  };
  set_target({{"Shop", 1}});
  turns();
  stop_all();
  loop_.advance(6s);
  EXPECT_TRUE(finished);
  EXPECT_EQ(stopped_, 1);
}

TEST_F(UserPoolTest, AShorterStopTimeoutOvertakesALongerOne) {
  response_time_ = 60s;
  set_target({{"Shop", 2}});
  turns();
  stop_all(30s);
  loop_.advance(1s);
  stop_all(2s);
  loop_.advance(2s);
  EXPECT_EQ(stopped_, 2);  // both orders are answered
  EXPECT_EQ(engine_.cancelled, 2);
}

TEST_F(UserPoolTest, ALongerStopTimeoutDoesNotExtendAShorterOne) {
  response_time_ = 60s;
  set_target({{"Shop", 2}});
  turns();
  stop_all(2s);
  loop_.advance(1s);
  stop_all(30s);
  loop_.advance(1s);
  EXPECT_EQ(stopped_, 2);
}

TEST_F(UserPoolTest, TheStopTimeoutCutsOffEveryOnStopOfAUserThatEndedItsTaskInTime) {
  struct SlowToLeave final : TaskSet {
    using TaskSet::TaskSet;
    void on_stop() override { user().sleep(60s); }
  };
  script_.make_task_set = [](User& user) {
    return std::make_unique<SlowToLeave>(user, user.tasks());
  };
  script_.on_stop = [](User& user) { user.sleep(60s); };
  set_target({{"Shop", 1}});
  turns();
  stop_all(5s);
  loop_.advance(5s);
  EXPECT_EQ(pool_->stats().total().num_requests, 1);
  EXPECT_EQ(stopped_, 1);
}

TEST_F(UserPoolTest, ALaterStopWithoutTimeoutKillsUsersThatWereStillFinishing) {
  response_time_ = 60s;
  set_target({{"Shop", 2}});
  turns();
  set_target({{"Shop", 1}}, 30s);
  loop_.advance(1s);
  stop_all();
  turns();
  EXPECT_EQ(stopped_, 1);
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(UserPoolTest, StopAllWithoutUsersIsAnswered) {
  stop_all(5s);
  turns();
  EXPECT_EQ(stopped_, 1);
}

TEST_F(UserPoolTest, StopAllDuringASpawnStartsNobodyElse) {
  set_target({{"Shop", 1000}});
  loop_.call_after(0s, [this] {
    EXPECT_GT(shops(), 0);
    EXPECT_LT(shops(), 1000);
    stop_all();
  });
  turns();
  EXPECT_EQ(stopped_, 1);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_TRUE(reached_.empty());
  EXPECT_LT(engine_.started, 1000);
}

TEST_F(UserPoolTest, ANewTargetSupersedesOneThatIsStillSpawning) {
  set_target({{"Shop", 1000}});
  loop_.call_after(0s, [this] { set_target({{"Shop", 150}}); });
  turns();
  EXPECT_EQ(reached_, (std::vector<Counts>{{{"Admin", 0}, {"Shop", 150}}}));
  EXPECT_EQ(engine_.started, 150);
}

TEST_F(UserPoolTest, ANewTargetEndsTheStoppingOfUsersNotYetAskedTo) {
  set_target({{"Shop", 300}});
  turns();
  set_target({{"Shop", 0}});
  int asked = 0;
  loop_.call_after(0s, [&] {
    asked = engine_.cancelled;
    ASSERT_GT(asked, 0);
    ASSERT_LT(asked, 300);
    set_target({{"Shop", 250}});
  });
  turns();
  EXPECT_EQ(reached_.back().at("Shop"), 250);
  EXPECT_EQ(engine_.cancelled, asked);
}

TEST_F(UserPoolTest, ANewTargetSupersedesOneThatIsStillStopping) {
  set_target({{"Shop", 10}});
  turns();
  set_target({{"Shop", 0}}, 5s);
  loop_.advance(1s);
  set_target({{"Shop", 10}}, 5s);
  loop_.advance(500ms);
  EXPECT_EQ(shops(), 10);  // the places are still filled by users on their way out
  EXPECT_EQ(reached_.size(), 1U);
  loop_.advance(500ms);
  EXPECT_EQ(reached_.size(), 2U);
  EXPECT_EQ(reached_.back().at("Shop"), 10);
  loop_.advance(60s);
  EXPECT_EQ(shops(), 10);
  EXPECT_EQ(engine_.started, 10 + 10 * 6);
}

TEST_F(UserPoolTest, ATargetBelowTheActiveUsersStopsOnlyTheDifference) {
  set_target({{"Shop", 10}});
  turns();
  set_target({{"Shop", 6}}, 5s);
  turns();
  set_target({{"Shop", 4}}, 5s);
  loop_.advance(3s);
  EXPECT_EQ(shops(), 4);
  EXPECT_EQ(reached_.size(), 2U);
  EXPECT_EQ(reached_.back().at("Shop"), 4);
}

TEST_F(UserPoolTest, UsersThatEndByThemselvesAreNotReplaced) {
  int runs = 0;
  script_.tasks = one_task([&](User& user) {
    user.client().get("/");
    if (++runs == 1) throw StopUser{};
  });
  set_target({{"Shop", 3}});
  loop_.advance(60s);
  EXPECT_EQ(shops(), 2);
  EXPECT_EQ(reached_.size(), 1U);
  set_target({{"Shop", 3}});
  loop_.advance(1s);
  EXPECT_EQ(shops(), 3);
}

TEST_F(UserPoolTest, AUserThatEndsInItsFirstTurnIsGoneAtOnce) {
  script_.on_start = [](User&) { throw std::runtime_error("no login"); };
  set_target({{"Shop", 300}});
  turns();
  EXPECT_EQ(reached_.back().at("Shop"), 0);
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(UserPoolTest, StartsBeforeItStops) {
  set_target({{"Shop", 2}});
  turns();
  set_target({{"Shop", 0}, {"Admin", 2}}, 5s);
  turns();
  EXPECT_EQ(counts(), (Counts{{"Admin", 2}, {"Shop", 2}}));
  loop_.advance(2s);
  EXPECT_EQ(counts(), (Counts{{"Admin", 2}, {"Shop", 0}}));
}

TEST_F(UserPoolTest, TenThousandUsersStartAndStopInSlices) {
  // TSan knows at most 8,000 threads and counts fibers as such.
  const int users = kSanitized ? 2000 : 10'000;
  int longest = 0;
  int turns_taken = 0;
  int last_started = 0;
  // Everything that happens between two timers is one turn of the loop.
  std::function<void()> watch = [&] {
    longest = std::max(longest, engine_.started - last_started);
    last_started = engine_.started;
    if (++turns_taken < 1000 && reached_.empty()) loop_.call_after(0s, watch);
  };
  loop_.call_after(0s, watch);
  set_target({{"Shop", users}});
  turns();
  EXPECT_EQ(reached_.back().at("Shop"), users);
  EXPECT_LE(longest, UserPool::kUsersPerTurn);
  EXPECT_GE(turns_taken, users / UserPool::kUsersPerTurn);

  stop_all();
  turns();
  EXPECT_EQ(stopped_, 1);
  EXPECT_EQ(engine_.cancelled, users);
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(UserPoolTest, ASlowSliceEndsEarly) {
  const TimePoint begun = loop_.clock().now();
  script_.on_start = [this](User&) { loop_.manual_clock().advance(1ms); };
  std::vector<double> gaps;
  TimePoint last = begun;
  std::function<void()> watch = [&] {
    gaps.push_back(to_ms(loop_.clock().now() - last));
    last = loop_.clock().now();
    if (reached_.empty()) loop_.call_after(0s, watch);
  };
  loop_.call_after(0s, watch);
  set_target({{"Shop", 50}});
  loop_.advance(1s);
  EXPECT_EQ(reached_.size(), 1U);
  EXPECT_LE(*std::max_element(gaps.begin(), gaps.end()), to_ms(UserPool::kTurnLength) + 1);
}

TEST_F(UserPoolTest, WhenTheTasksOfATestHaveBegunUsersEndAndNoneIsStarted) {
  pool_->limit_tasks(4);
  set_target({{"Shop", 3}});
  loop_.advance(13s);
  EXPECT_EQ(pool_->user_count(), 1);  // in the fourth task; the others have waited for a fifth
  loop_.advance(2s);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_EQ(user_ids_.size(), 4U);
  set_target({{"Shop", 3}});
  turns();
  EXPECT_EQ(reached_,
            (std::vector<Counts>{{{"Admin", 0}, {"Shop", 3}}, {{"Admin", 0}, {"Shop", 0}}}));
  EXPECT_NE(
      log_.str().find("Iteration limit reached (4), stopping Users from starting any new task"),
      std::string::npos);
  pool_->limit_tasks(std::nullopt);
  set_target({{"Shop", 1}});
  loop_.advance(60s);
  EXPECT_GT(user_ids_.size(), 6U);
}

TEST_F(UserPoolTest, DestroyingThePoolEndsItsUsers) {
  int stopped = 0;
  script_.on_stop = [&](User& user) {
    ++stopped;
    user.sleep(1s);
    stopped += 100;
  };
  set_target({{"Shop", 3}});
  turns();
  pool_.reset();
  EXPECT_EQ(stopped, 3);
  EXPECT_EQ(engine_.in_flight(), 0U);
  EXPECT_TRUE(loop_.idle());
}

}  // namespace
}  // namespace locust::worker
