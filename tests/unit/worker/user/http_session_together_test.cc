// Requests that one user sends together, on its fiber: limits, other waits meanwhile, kills.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/fakes/fake_http_engine.h"
#include "tests/fakes/simulated_loop.h"
#include "tests/unit/worker/user/scripted_user.h"
#include "worker/loop/user_pool.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class HttpSessionTogetherTest : public ::testing::Test {
 protected:
  // A response of "/N" takes N seconds.
  void SetUp() override {
    engine_.respond = [this](const HttpRequest& request) {
      HttpResponse r;
      r.status = 200;
      r.response_time = seconds(std::stod(request.url.substr(request.url.rfind('/') + 1)));
      most_in_flight_ = std::max(most_in_flight_, engine_.in_flight() + 1);
      return r;
    };
  }
  void start(std::function<void(User&)> task) {
    script_.tasks = one_task(std::move(task));
    script_.wait_time = constant(1000);
    std::vector<UserClass> classes;
    classes.push_back({.name = "U", .host = "http://h", .create = [this](const UserEnvironment& e) {
                         return std::make_unique<ScriptedUser>(e, script_);
                       }});
    pool_.emplace(loop_, engine_, std::move(classes), UserEvents{}, 1);
    pool_->set_target({.user_classes_count = {{"U", 1}}}, [](const UserCounts&) {});
    loop_.advance(0s);
  }
  static std::vector<HttpSession::Request> requests(std::initializer_list<const char*> urls) {
    std::vector<HttpSession::Request> all;
    for (const char* url : urls) all.push_back({"GET", url, {}});
    return all;
  }
  double now() { return to_seconds(loop_.clock().now() - begin_); }

  fakes::SimulatedLoop loop_;
  TimePoint begin_ = loop_.clock().now();
  fakes::FakeHttpEngine engine_{loop_};
  std::size_t most_in_flight_ = 0;
  UserScript script_;
  std::optional<UserPool> pool_;
  std::vector<std::string> log_;
};

TEST_F(HttpSessionTogetherTest, EachResponseIsHandedOutWhenItComes) {
  start([this](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/3", "/1", "/2"}), 6);
    while (const auto index = session.next_response()) {
      log_.push_back(std::to_string(*index) + " " + session.name() + " at " +
                     std::to_string(now()).substr(0, 3));
    }
    EXPECT_EQ(session.exchange().response.status, 0) << "no response is current afterwards";
    session.end_together();
  });
  loop_.advance(10s);
  EXPECT_THAT(log_, ElementsAre("1 /1 at 1.0", "2 /2 at 2.0", "0 /3 at 3.0"));
  EXPECT_EQ(pool_->stats().entries().size(), 3U) << "each is logged without finish() too";
}

TEST_F(HttpSessionTogetherTest, OneHostGetsNoMoreThanItsLimitAtATime) {
  start([this](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/1", "/1", "/1", "http://other/1", "/1"}), 2);
    while (session.next_response()) log_.push_back(std::to_string(now()).substr(0, 3));
    session.end_together();
  });
  loop_.advance(10s);
  EXPECT_EQ(most_in_flight_, 3U) << "two to one host, one to the other";
  EXPECT_THAT(log_, ElementsAre("1.0", "1.0", "1.0", "2.0", "2.0"));
}

TEST_F(HttpSessionTogetherTest, TheOthersGoOnWhileTheUserSleepsOrSendsAnotherRequest) {
  start([this](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/1", "/2", "/3"}), 2);
    session.next_response();
    user.sleep(2s);
    session.get("/1");
    log_.push_back(std::to_string(now()).substr(0, 3));
    while (const auto index = session.next_response())
      log_.push_back(std::to_string(*index) + " " + std::to_string(now()).substr(0, 3));
    session.end_together();
  });
  loop_.advance(20s);
  EXPECT_THAT(log_, ElementsAre("4.0", "1 4.0", "2 7.0")) << "the third waited for its turn";
}

TEST_F(HttpSessionTogetherTest, AKillCancelsAllOfThem) {
  bool killed = false;
  start([&](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/5", "/6", "/7"}), 2);
    try {
      while (session.next_response()) {
      }
    } catch (const UserKilled&) {
      killed = true;
      session.end_together();
      throw;
    }
  });
  loop_.advance(1s);
  EXPECT_EQ(engine_.in_flight(), 2U);
  pool_->stop_all(0s, [] {});
  loop_.advance(0s);
  EXPECT_TRUE(killed);
  EXPECT_EQ(engine_.cancelled, 2);
  EXPECT_EQ(engine_.in_flight(), 0U);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_TRUE(pool_->stats().entries().empty());
}

TEST_F(HttpSessionTogetherTest, AKillDuringASleepCancelsThemAsWell) {
  start([&](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/1", "/6", "/7"}), 3);
    session.next_response();
    user.sleep(100s);
  });
  loop_.advance(2s);
  pool_->stop_all(0s, [] {});
  loop_.advance(0s);
  EXPECT_EQ(engine_.cancelled, 2);
  EXPECT_EQ(pool_->user_count(), 0);
}

TEST_F(HttpSessionTogetherTest, TheStopTimeoutLetsThemFinishOrCancelsThem) {
  start([](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/1", "/5"}), 3);
    while (session.next_response()) {
    }
    session.end_together();
  });
  pool_->stop_all(3s, [] {});
  loop_.advance(4s);
  EXPECT_EQ(engine_.cancelled, 1);
  EXPECT_EQ(pool_->user_count(), 0);
  EXPECT_EQ(pool_->stats().entries().size(), 1U);
}

TEST_F(HttpSessionTogetherTest, DestroyingThePoolEndsThem) {
  start([](User& user) {
    HttpSession& session = user.client();
    session.send_together(requests({"/1", "/5"}), 3);
    while (session.next_response()) {
    }
  });
  pool_.reset();
  EXPECT_EQ(engine_.in_flight(), 0U);
}

}  // namespace
}  // namespace locust::worker
