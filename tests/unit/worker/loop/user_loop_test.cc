// The users' thread: what a program hears of the worker, in which order and where.
#include "worker/loop/user_loop.h"

#include <gmock/gmock.h>

#include <thread>

#include "tests/fakes/fake_program.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;

// Ends at once, and says so to its class.
class BriefUser final : public User {
 public:
  BriefUser(const UserEnvironment& environment, const TaskList& tasks) : User(environment, tasks) {}

  void run() override {
    if (environment().events.exception) environment().events.exception(*this, "boom", "trace");
    set_state(UserState::kStopped);
  }
};

// A loop on a thread of its own, which the destructor joins.
class RunningUserLoop {
 public:
  RunningUserLoop(EventLoop& control, TestProgram& program)
      : loop_(control, program, {}), thread_([this] { loop_.run(); }) {}
  ~RunningUserLoop() {
    loop_.stop();
    thread_.join();
  }
  RunningUserLoop(const RunningUserLoop&) = delete;
  RunningUserLoop& operator=(const RunningUserLoop&) = delete;

  UserLoop* operator->() { return &loop_; }
  UserLoop& operator*() { return loop_; }

 private:
  PostedUserLoop loop_;
  std::thread thread_;
};

class UserLoopTest : public ::testing::Test {
 protected:
  UserLoopTest() {
    program_.classes = {{.name = "Shop", .create = [this](const UserEnvironment& environment) {
                           return std::make_unique<BriefUser>(environment, no_tasks_);
                         }}};
  }

  // Runs the control loop until it is stopped.
  void run() { control_.run(); }
  // Everything that was asked for so far has been carried out.
  void settle(UserLoop& users) {
    users.take_report([this](LoopReport) { control_.stop(); });
    run();
  }

  SystemClock clock_;
  EventLoop control_{clock_};
  fakes::FakeProgram program_;
  TaskList no_tasks_;
};

TEST_F(UserLoopTest, TheProgramIsOnTheUsersThreadFromBeforeTheLoopUntilAllUsersAreGone) {
  { const RunningUserLoop users(control_, program_); }
  EXPECT_THAT(program_.calls(), ElementsAre("enter", "loop_ended", "leave"));
  EXPECT_TRUE(program_.kept_to_its_thread());
}

TEST_F(UserLoopTest, CarriesOutWhatTheWorkerSaysInOrder) {
  {
    RunningUserLoop users(control_, program_);
    users->set_worker_index(3);
    users->set_options({});
    users->begin_test({.expect_workers = 2});
    users->set_target({.stop_timeout = std::chrono::seconds(3), .host = "http://h"}, {});
    users->all_spawned();
    users->update_user_class({.class_name = "Shop",
                              .tasks = std::vector<std::string>{"a", "b"},
                              .attributes = {{"weight", 3}}});
    users->heartbeat();
    users->receive("hello", 1);
    users->stop_all({}, [] {});
    settle(*users);
  }
  EXPECT_THAT(program_.calls(),
              ElementsAre("enter", "set_worker_index 3", "set_options", "begin_test 2",
                          "set_order http://h 3", "all_spawned", "set_attributes Shop 1",
                          "set_tasks Shop 2", "heartbeat", "receive hello", "stopping",
                          "report_extra", "loop_ended", "leave"));
  EXPECT_TRUE(program_.kept_to_its_thread());
}

TEST_F(UserLoopTest, WhatAMasterLeavesOutIsNotChanged) {
  RunningUserLoop users(control_, program_);
  users->update_user_class({.class_name = "Shop", .host = "http://new"});
  settle(*users);
  EXPECT_THAT(program_.calls(), ElementsAre("enter", "set_attributes Shop 1", "report_extra"))
      << "the host alone";
}

TEST_F(UserLoopTest, ReportsCarryWhatTheProgramAdds) {
  program_.extra = {{"mine", 1}};
  RunningUserLoop users(control_, program_);
  proto::Value::Map extra;
  users->take_report([&](LoopReport report) {
    extra = report.extra;
    control_.stop();
  });
  run();
  EXPECT_EQ(extra, program_.extra);
}

TEST_F(UserLoopTest, SaysHowTheProgramWantsToEnd) {
  program_.process_end = {.exit_code = 5, .asked_for = true};
  RunningUserLoop users(control_, program_);
  ProcessEnd end;
  users->tell_quitting([&](const ProcessEnd& told) {
    end = told;
    control_.stop();
  });
  run();
  EXPECT_EQ(end.exit_code, 5);
  EXPECT_TRUE(end.asked_for);
}

TEST_F(UserLoopTest, ExceptionsOfTasksReachTheControlThread) {
  RunningUserLoop users(control_, program_);
  std::vector<std::string> exceptions;
  std::thread::id thread;
  users->on_exception([&](const TaskException& exception) {
    exceptions.push_back(exception.message + " " + exception.traceback);
    thread = std::this_thread::get_id();
    control_.stop();
  });
  users->begin_test({});
  users->set_target({.user_classes_count = {{"Shop", 1}}}, [](const UserCounts&) {});
  run();
  EXPECT_THAT(exceptions, ElementsAre("boom trace"));
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST_F(UserLoopTest, KnowsItsClassesAndWhatHoldsItUpAtOnce) {
  const PostedUserLoop users(control_, program_, {});
  EXPECT_THAT(users.class_names(), ElementsAre("Shop"));
  EXPECT_EQ(users.blocked_by(), "a fake");
}

}  // namespace
}  // namespace locust::worker
