// How tests start, change and follow each other, whoever asks for them.
#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RunCycleTest : public RunControllerTest {};

TEST_F(RunCycleTest, StartEditStopStart) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(5).success);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(worker().users(), 5);
  EXPECT_TRUE(swarm(8).success);
  EXPECT_EQ(worker().users(), 8);
  run_->stop();
  EXPECT_EQ(state(), MasterState::kStopping);
  loop_.advance(seconds(1));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_EQ(worker().users(), 0);
  EXPECT_TRUE(swarm(3).success);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(worker().users(), 3);
  EXPECT_THAT(exit_codes_, IsEmpty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(RunCycleTest, TheRunTimeOfTheFormEndsTheTestAndAnEditCountsAnew) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(ask({.user_count = 1, .spawn_rate = 1, .run_time = 10}).run_time, 10);
  loop_.advance(seconds(8));
  EXPECT_TRUE(ask({.user_count = 2, .spawn_rate = 1, .run_time = 10}).success);
  loop_.advance(seconds(8));
  EXPECT_EQ(state(), MasterState::kRunning);
  loop_.advance(seconds(3));
  EXPECT_EQ(state(), MasterState::kStopped);
}

TEST_F(RunCycleTest, TheRunTimeOfOneTestDoesNotEndTheNext) {
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  (void)ask({.user_count = 1, .spawn_rate = 1, .run_time = 10});
  loop_.advance(seconds(5));
  run_->stop();
  loop_.advance(seconds(1));
  swarm(2);
  loop_.advance(seconds(20));
  EXPECT_EQ(state(), MasterState::kRunning);
}

TEST_F(RunCycleTest, AShapeLeadsATestThatAFormStarts) {
  begin(
      "shape: {stages: [{for: 3s, users: 2, spawn_rate: 10}, {for: 3s, users: 4, "
      "spawn_rate: 10}]}\nusers: {Shop: {tasks: {t: [get: /]}}}\n");
  EXPECT_TRUE(run_->form().shape);
  EXPECT_FALSE(run_->form().use_common_options);
  join("w_1");
  loop_.advance(seconds(4));
  const web::SwarmReply reply = ask({.user_count = 50, .spawn_rate = 50});
  EXPECT_THAT(reply.message, testing::StartsWith("Swarming started using shape class '"));
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  EXPECT_TRUE(ask({.user_count = 50, .spawn_rate = 50}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 4);
  loop_.advance(seconds(4));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(RunCycleTest, AnEditLeavesTheChosenShapeInCharge) {
  options_.web.class_picker = true;
  begin(
      "shapes: {steps: {stages: [{for: 3s, users: 2, spawn_rate: 10}, {for: 3s, users: 4, "
      "spawn_rate: 10}]}}\nusers: {Shop: {tasks: {t: [get: /]}}}\n");
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(ask({.user_count = 9, .spawn_rate = 9, .shape_class = "steps"}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  EXPECT_TRUE(ask({.user_count = 9, .spawn_rate = 9}).success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 4);
}

// ---- Started by the command line ----

TEST_F(HeadlessLogTest, AMasterWithoutWorkersSaysOnceHowToGetThem) {
  constexpr const char* kHint =
      "Start workers with locust-worker --master-host=HOST; for a run on this machine alone: "
      "--processes N";
  begin({.users = 1});
  loop_.advance(seconds(5));
  EXPECT_EQ(count(kHint), 0U);
  loop_.advance(seconds(60));
  EXPECT_EQ(count(kHint), 1U);
}

TEST_F(HeadlessLogTest, AMasterThatWaitsForMoreWorkersSaysOnlyHowManyThereAre) {
  begin({.users = 1, .expect_workers = 2});
  join("a_1");
  loop_.advance(seconds(10));
  EXPECT_THAT(log_.str(), HasSubstr("Waiting for workers to be ready, 1 of 2 connected"));
  EXPECT_THAT(log_.str(), Not(HasSubstr("--processes")));
}

TEST_F(HeadlessLogTest, MoreUsersThanThereIsMemoryForAreRefused) {
  begin({.users = UsersDispatcher::kMaxUsers + std::int64_t{1}});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(3));
  EXPECT_TRUE(a.got<proto::Spawn>().empty());
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_THAT(log_.str(), HasSubstr("10000001 users are too many: a test has at most 10000000"));
}

TEST_F(RunCycleTest, AutostartWaitsForTheWorkersAndAutoquitEndsTheRun) {
  options_.autostart = true;
  options_.autoquit = 3;
  options_.users = 2;
  options_.run_time = 5;
  options_.expect_workers = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(5));
  EXPECT_EQ(state(), MasterState::kReady);
  join("w_2");
  loop_.advance(seconds(3));
  EXPECT_EQ(state(), MasterState::kRunning);
  loop_.advance(seconds(4));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
  loop_.advance(seconds(4));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(RunCycleTest, WithoutAutoquitThePageStaysAndANewTestMayBegin) {
  options_.autostart = true;
  options_.run_time = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(10));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_TRUE(swarm(3).success);
  loop_.advance(seconds(60));
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(RunCycleTest, GivesUpWaitingAsHeadlessRunsDo) {
  options_.autostart = true;
  options_.expect_workers_max_wait = 5;
  begin();
  loop_.advance(seconds(10));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(RunCycleTest, WhoStartsATestByHandNeedsTheAutomaticOneNoMore) {
  options_.autostart = true;
  options_.expect_workers = 2;
  options_.expect_workers_max_wait = 20;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(swarm(3).success);
  loop_.advance(seconds(60));
  EXPECT_EQ(state(), MasterState::kRunning);
  run_->stop();
  join("w_2");
  loop_.advance(seconds(10));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_THAT(exit_codes_, IsEmpty());
}

TEST_F(RunCycleTest, AutostartWithTheClassPickerTakesTheClassesOfTheCommandLine) {
  options_.autostart = true;
  options_.web.class_picker = true;
  options_.users = 4;
  options_.spawn_rate = 10;
  options_.user_classes = {"Admin"};
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(6));
  EXPECT_EQ(worker().users("Admin"), 4);
  EXPECT_EQ(worker().users("Shop"), 0);
}

TEST_F(RunCycleTest, WhatCannotStartLeavesTheCountDownOfAutoquitAlone) {
  options_.autostart = true;
  options_.autoquit = 10;
  options_.run_time = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(8));
  ASSERT_EQ(state(), MasterState::kStopped);
  worker().freeze();
  loop_.advance(seconds(4));
  EXPECT_FALSE(swarm(5).success);
  loop_.advance(seconds(20));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

TEST_F(RunCycleTest, AShapeThatNobodyCanRunIsRefused) {
  options_.autostart = true;
  options_.autoquit = 0;
  begin(
      "shape: {stages: [{for: 3s, users: 2, spawn_rate: 10}]}\n"
      "users: {Shop: {tasks: {t: [get: /]}}}\n");
  join("w_1", {.classes = {"Other"}});
  loop_.advance(seconds(8));
  EXPECT_THAT(exit_codes_, ElementsAre(1));
}

TEST_F(RunCycleTest, AutostartSaysHowLongTheTestLasts) {
  options_.autostart = true;
  options_.run_time = 5;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_EQ(logged("Run time limit set to 5 seconds"), 1);
  EXPECT_EQ(run_->plan().run_time, 5);
}

TEST_F(RunCycleTest, AHeadlessRunSaysHowLongTheTestLastsAndPlansItBeforeItStarts) {
  options_.headless = true;
  options_.run_time = 5;
  begin();
  EXPECT_EQ(run_->plan().run_time, 5);
  EXPECT_EQ(logged("Run time limit"), 0);
  join("w_1");
  loop_.advance(seconds(1));
  EXPECT_EQ(logged("Run time limit set to 5 seconds"), 1);
}

TEST_F(RunCycleTest, WithoutALimitTheLogSaysHowToEndATestOfTheCommandLine) {
  for (const bool headless : {true, false}) {
    options_.headless = headless;
    options_.autostart = !headless;
    begin();
    join(headless ? "w_1" : "w_2");
    loop_.advance(seconds(4));
    EXPECT_EQ(state(), MasterState::kRunning);
    EXPECT_EQ(logged("No run time limit set, use CTRL+C to interrupt"), headless ? 1 : 2);
    run_.reset();
  }
}

TEST_F(RunCycleTest, AutostartRefusesMoreUsersThanThereIsMemoryForAndEndsTheRun) {
  options_.autostart = true;
  options_.users = UsersDispatcher::kMaxUsers + std::int64_t{1};
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(worker().got<proto::Spawn>().empty());
  EXPECT_THAT(exit_codes_, ElementsAre(1));
  EXPECT_THAT(log_.str(), HasSubstr("10000001 users are too many: a test has at most 10000000"));
}

TEST_F(RunCycleTest, TheShapeOfAHeadlessRunIsKnownBeforeItLeads) {
  options_.headless = true;
  options_.run_time = 60;  // which the shape does not read
  begin(
      "shapes: {steps: {stages: [{for: 3s, users: 2, spawn_rate: 10}]}}\n"
      "users: {Shop: {tasks: {t: [get: /]}}}\n");
  EXPECT_EQ(run_->plan().shape, "steps");
  EXPECT_EQ(run_->plan().run_time, std::nullopt);
  join("w_1");
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 2);
  EXPECT_EQ(run_->plan().shape, "steps");
  EXPECT_EQ(logged("Run time limit"), 0);
}

// ---- Keys ----

TEST_F(HeadlessLogTest, KeysChangeTheNumberOfUsers) {
  RunController& run = begin({.users = 5, .spawn_rate = 5});
  run.press('w');  // nothing to change yet
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(3));
  EXPECT_EQ(a.users(), 5);
  const auto users_after = [&](char key) {
    run.press(key);
    loop_.advance(seconds(3));
    return a.users();
  };
  EXPECT_EQ(users_after('w'), 6);
  EXPECT_EQ(users_after('W'), 16);
  EXPECT_EQ(users_after('s'), 15);
  EXPECT_EQ(users_after('S'), 5);
  EXPECT_EQ(users_after('x'), 5);
  EXPECT_EQ(users_after('\n'), 5);
  EXPECT_EQ(users_after('S'), 0);
  EXPECT_EQ(users_after('w'), 1);
}

TEST_F(HeadlessLogTest, KeysAreRefusedWhileUsersAreBeingSpawned) {
  RunController& run = begin({.users = 5, .spawn_rate = 1});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(2));
  run.press('W');
  run.press('s');
  EXPECT_EQ(count("Already spawning users, can't spawn more right now"), 1U);
  EXPECT_EQ(count("Spawning users, can't stop right now"), 1U);
  loop_.advance(seconds(5));
  EXPECT_EQ(a.users(), 5);
}

TEST_F(RunCycleTest, KeysStartATestAndChangeItsUsers) {
  begin();
  run_->press('w');  // nobody to run it
  EXPECT_EQ(state(), MasterState::kReady);
  join("w_1");
  loop_.advance(seconds(4));
  const auto users_after = [this](char key) {
    run_->press(key);
    loop_.advance(seconds(2));
    return worker().users();
  };
  EXPECT_EQ(users_after('s'), 0);
  EXPECT_EQ(state(), MasterState::kReady);
  EXPECT_EQ(users_after('W'), 10);
  EXPECT_EQ(state(), MasterState::kRunning);
  EXPECT_EQ(users_after('s'), 9);
  EXPECT_EQ(users_after('x'), 9);
  run_->stop();
  loop_.advance(seconds(1));
  EXPECT_EQ(users_after('w'), 1);
  EXPECT_EQ(state(), MasterState::kRunning);
}

TEST_F(RunCycleTest, KeysStartNoTestOfAHeadlessRun) {
  options_.headless = true;
  options_.expect_workers = 2;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  run_->press('W');
  loop_.advance(seconds(1));
  EXPECT_EQ(state(), MasterState::kReady);
}

TEST_F(RunCycleTest, KeysChangeTheUsersOfAShapeWhichGoesOn) {
  begin(
      "shape: {stages: [{for: 4s, users: 2, spawn_rate: 10}, {for: 4s, users: 5, spawn_rate: "
      "10}]}\n"
      "users: {Shop: {tasks: {t: [get: /]}}}\n");
  join("w_1");
  loop_.advance(seconds(4));
  (void)ask({});
  loop_.advance(seconds(2));
  run_->press('w');
  loop_.advance(seconds(1));
  EXPECT_EQ(worker().users(), 3);
  loop_.advance(seconds(3));
  EXPECT_EQ(worker().users(), 5);
}

// ---- Test code ----

TEST_F(RunCycleTest, TestCodeStartsATestAndChangesItsUsers) {
  thresholds_ = parse_thresholds("failures < 1").thresholds;
  begin(kShop);
  join("w_1", {.classes = {"Admin", "Shop"}});
  loop_.advance(seconds(4));
  const auto users_after = [this](web::SwarmForm form) {
    const bool chooses = !form.user_classes.empty();
    (void)run_->request(
        {.by = Requester::kTestCode, .form = std::move(form), .chooses_classes = chooses});
    loop_.advance(seconds(2));
    return worker().users();
  };
  EXPECT_EQ(users_after({.user_count = 4, .spawn_rate = 100}), 4);
  EXPECT_EQ(worker().users("Admin"), 1);
  EXPECT_EQ(run_->verdicts().size(), 1) << "a test like any other";
  EXPECT_EQ(users_after({.user_count = 6, .spawn_rate = 100}), 6);
  run_->stop();
  loop_.advance(seconds(1));
  EXPECT_EQ(state(), MasterState::kStopped);
  EXPECT_EQ(users_after({.user_count = 3, .spawn_rate = 100, .user_classes = {"Admin"}}), 3);
  EXPECT_EQ(worker().users("Admin"), 3);
  run_->stop();
  loop_.advance(seconds(1));
  // runner.start(4, 100, user_classes=[])
  (void)run_->request({.by = Requester::kTestCode,
                       .form = {.user_count = 4, .spawn_rate = 100},
                       .chooses_classes = true});
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users("Admin"), 1);
  EXPECT_EQ(logged("--autoquit"), 0);
}

TEST_F(RunCycleTest, TestCodeChangesTheUsersOfAHeadlessRunWhosePlanStays) {
  options_.headless = true;
  options_.run_time = 20;
  begin();
  join("w_1");
  loop_.advance(seconds(4));
  EXPECT_TRUE(
      run_->request({.by = Requester::kTestCode, .form = {.user_count = 6, .spawn_rate = 100}})
          .success);
  loop_.advance(seconds(2));
  EXPECT_EQ(worker().users(), 6);
  EXPECT_EQ(run_->plan().run_time, 20);
  loop_.advance(seconds(20));
  EXPECT_THAT(exit_codes_, ElementsAre(0));
}

}  // namespace
}  // namespace locust::master
