// What a headless run says, and what it does by itself.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "common/base/log.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using testing::HasSubstr;
using testing::Not;

class HeadlessLogTest : public HeadlessTest {
 protected:
  HeadlessLogTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~HeadlessLogTest() override { log::capture(nullptr); }

  std::size_t count(const std::string& line) const {
    std::size_t times = 0;
    const std::string text = log_.str();
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) {
      ++times;
    }
    return times;
  }

  std::ostringstream log_;
};

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

TEST_F(HeadlessLogTest, ATestWhoseUsersHaveAllStoppedByThemselvesEnds) {
  begin({.users = 2, .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(5));
  a.end_users();
  loop_.advance(seconds(5));
  EXPECT_TRUE(exit_codes_.empty());
  b.end_users();
  loop_.advance(seconds(5));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
  EXPECT_EQ(count("All users have stopped by themselves, shutting down"), 1U);
}

// Its control thread answers when its users do not.
void end_unfinished(ScriptedWorker& worker, const std::string& held_up_by) {
  proto::Heartbeat heartbeat;
  heartbeat.state = "running";
  heartbeat.extra.emplace_back(proto::kExtensionKey, proto::Value::Map{{"unfinished", held_up_by}});
  worker.send(std::move(heartbeat));
  worker.send(proto::Quit{});
}

TEST_F(HeadlessLogTest, AWorkerWhoseUsersDoNotStopIsNamedAndMakesTheRunFail) {
  begin({.users = 2, .run_time = seconds(4), .expect_workers = 2});
  ScriptedWorker& good = join("a_1");
  ScriptedWorker& stuck = join("b_2");
  stuck.obeys_quit = false;
  loop_.advance(seconds(8));
  good.stats().log_request(loop_.clock().wall_time(), "GET", "/", Number(5), 1);
  EXPECT_TRUE(exit_codes_.empty());
  end_unfinished(stuck, "shop.py:3 in \x1b[2Jbuy");
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_TRUE(master().undelivered().empty());
  ASSERT_EQ(master().unfinished_count(), 1U);
  EXPECT_EQ(master().unfinished()[0].id, "b_2");
  ASSERT_TRUE(master().unfinished()[0].since_report);
  EXPECT_LT(*master().unfinished()[0].since_report, seconds(4));
  EXPECT_EQ(
      count("1 worker(s) ended without their last report, because their users did not stop in "
            "time; what they measured after the one before is missing: b_2 (index 1, last "
            "report "),
      1U);
  EXPECT_EQ(count("s before): shop.py:3 in \\x1b[2Jbuy"), 2U) << log_.str();
}

TEST_F(HeadlessLogTest, AnUnfinishedWorkerCountsOnceAndOnlyInItsTest) {
  begin({.users = 1, .run_time = seconds(4), .expect_workers = 2});
  end_unfinished(join("a_1"), "");  // before the test, and so no report of it is missing
  loop_.advance(seconds(1));
  EXPECT_EQ(master().unfinished_count(), 0U);
  join("c_3");
  ScriptedWorker& other = join("b_2");
  other.obeys_quit = false;
  loop_.advance(seconds(6));
  proto::Heartbeat twice;
  twice.extra.emplace_back(proto::kExtensionKey, proto::Value::Map{{"unfinished", ""}});
  other.send(twice);
  end_unfinished(other, std::string(100'000, 'x'));
  loop_.advance(seconds(1));
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_EQ(master().unfinished_count(), 1U);
}

TEST_F(HeadlessLogTest, UsersOfAMissingWorkerMayComeBack) {
  begin({.users = 2, .expect_workers = 2});
  ScriptedWorker& a = join("a_1");
  ScriptedWorker& b = join("a_2");
  loop_.advance(seconds(3));
  b.freeze();
  loop_.advance(seconds(8));
  a.end_users();
  loop_.advance(seconds(10));
  EXPECT_TRUE(exit_codes_.empty());
  b.thaw();  // the order that this causes starts users anew
  loop_.advance(seconds(10));
  EXPECT_EQ(a.users() + b.users(), 2);
  EXPECT_TRUE(exit_codes_.empty());
  a.end_users();
  b.end_users();
  loop_.advance(seconds(5));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessLogTest, MoreUsersThanThereIsMemoryForAreRefused) {
  begin({.users = UsersDispatcher::kMaxUsers + std::int64_t{1}});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(3));
  EXPECT_TRUE(a.got<proto::Spawn>().empty());
  EXPECT_EQ(exit_codes_, std::vector<int>{1});
  EXPECT_THAT(log_.str(), HasSubstr("10000001 users are too many: a test has at most 10000000"));
}

TEST_F(HeadlessLogTest, ATestOfNoUsersGoesOn) {
  begin({.users = 0});
  join("a_1");
  loop_.advance(seconds(60));
  EXPECT_TRUE(exit_codes_.empty());
}

TEST_F(HeadlessLogTest, KeysChangeTheNumberOfUsers) {
  HeadlessRun& run = begin({.users = 5, .spawn_rate = 5});
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
  HeadlessRun& run = begin({.users = 5, .spawn_rate = 1});
  ScriptedWorker& a = join("a_1");
  loop_.advance(seconds(2));
  run.press('W');
  run.press('s');
  EXPECT_EQ(count("Already spawning users, can't spawn more right now"), 1U);
  EXPECT_EQ(count("Spawning users, can't stop right now"), 1U);
  loop_.advance(seconds(5));
  EXPECT_EQ(a.users(), 5);
}

// ---- --iterations ----

std::vector<std::optional<std::int64_t>> shares_told(const ScriptedWorker& worker) {
  std::vector<std::optional<std::int64_t>> shares;
  for (const proto::Spawn* spawn : worker.got<proto::Spawn>()) {
    const proto::Value* extension = proto::find(spawn->extra, proto::kExtensionKey);
    const proto::Value* share = extension == nullptr ? nullptr : extension->find("iterations");
    shares.push_back(share == nullptr ? std::nullopt : share->to_int());
  }
  return shares;
}

TEST_F(HeadlessLogTest, IterationsAreSharedInProportionToTheUsersToCome) {
  make_master({.iterations = 10});
  begin({.users = 3, .spawn_rate = 1, .expect_workers = 3});
  const ScriptedWorker::Options ours{.names_weights = true};
  ScriptedWorker& a = join("a_1", ours);
  ScriptedWorker& b = join("a_2", ours);
  ScriptedWorker& stock = join("a_3");
  loop_.advance(seconds(5));
  EXPECT_THAT(shares_told(a), testing::Each(testing::Optional(5)));
  EXPECT_THAT(shares_told(b), testing::Each(testing::Optional(5)));
  EXPECT_EQ(shares_told(a).size(), 3U);
  EXPECT_THAT(shares_told(stock), testing::Each(std::optional<std::int64_t>()));
  EXPECT_EQ(count("These workers do not know --iterations, which only locust-worker does, and run "
                  "without limit: a_3"),
            1U);
  ScriptedWorker& late = join("a_4", ours);
  loop_.advance(seconds(5));
  EXPECT_THAT(shares_told(late), testing::Each(testing::Optional(0)));
}

TEST_F(HeadlessLogTest, AWorkerThatRegistersAnewMayHaveRunItsShare) {
  make_master({.iterations = 10});
  begin({.users = 2, .expect_workers = 2});
  const ScriptedWorker::Options ours{.names_weights = true};
  ScriptedWorker& a = join("a_1", ours);
  join("a_2", ours);
  loop_.advance(seconds(3));
  a.send(proto::ClientStopped{});
  a.send(proto::ClientReady{-1});
  loop_.advance(seconds(5));
  EXPECT_EQ(shares_told(a).front(), 5);
  EXPECT_EQ(shares_told(a).back(), 0);
}

TEST(IterationLimit, SharesAreExactWhateverTheNumbers) {
  const auto shares = [](std::int64_t iterations, const std::vector<std::int64_t>& users) {
    IterationLimit limit(iterations);
    std::vector<std::pair<std::string, std::int64_t>> workers;
    for (const std::int64_t count : users)
      workers.emplace_back(std::to_string(workers.size()), count);
    limit.share_out(workers);
    std::vector<std::int64_t> result;
    for (const auto& [id, count] : workers) result.push_back(limit.share(id));
    return result;
  };
  using testing::ElementsAre;
  EXPECT_THAT(shares(10, {1, 1, 1}), ElementsAre(3, 3, 4));
  EXPECT_THAT(shares(10, {0, 1}), ElementsAre(0, 10));
  EXPECT_THAT(shares(1, {1, 1, 1}), ElementsAre(0, 0, 1));
  EXPECT_THAT(shares(7, {0, 0}), ElementsAre(0, 0));
  const std::int64_t most = IterationLimit::kMax;
  EXPECT_THAT(shares(most, {most / 2, most / 2 - 1}), ElementsAre(most / 2, most / 2));
}

proto::Stats report_with(proto::Value::Map said) {
  RequestStats nothing(0, false);
  proto::Stats stats{.report = nothing.get_stripped_report(0),
                     .user_classes_count = {{"Shop", 1}},
                     .user_count = 1,
                     .extension = proto::StatsExtension(),
                     .extra = {}};
  stats.extension->extra = std::move(said);
  return stats;
}

TEST_F(HeadlessTest, SysExitOfAWorkersTestCodeEndsARunOfOneProcessWithItsCode) {
  make_master({.as_one_process = true});
  begin({.users = 1});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({{"exit_code", 7}}));
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{7});
  EXPECT_EQ(worker.got<proto::Quit>().size(), 1U);
}

TEST_F(HeadlessTest, InADistributedRunAWorkersCodeIsItsOwn) {
  begin({.users = 1});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({{"exit_code", 7}, {"uncaught", true}}));
  loop_.advance(seconds(2));
  EXPECT_TRUE(exit_codes_.empty());
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{0});
}

TEST_F(HeadlessTest, AnUncaughtExceptionOnAWorkerIsTwoWhereNothingElseDecides) {
  make_master({.as_one_process = true});
  begin({.users = 1, .exit_rules = {.exit_code_on_error = 5}});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({{"uncaught", true}}));
  loop_.advance(milliseconds(100));
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{2});
}

TEST_F(HeadlessTest, FailuresDecideBeforeUncaughtExceptions) {
  make_master({.as_one_process = true});
  begin({.users = 1, .exit_rules = {.exit_code_on_error = 5}});
  ScriptedWorker& worker = join("a_1", {.names_weights = true});
  loop_.advance(seconds(2));
  worker.send(report_with({{"uncaught", true}}));
  worker.send(proto::Exception{.msg = "oops", .traceback = "t", .extra = {}});
  loop_.advance(milliseconds(100));
  run_->interrupt();
  loop_.advance(seconds(2));
  EXPECT_EQ(exit_codes_, std::vector<int>{5});
}

class SilentRunTest : public HeadlessLogTest {
 protected:
  // Ends the run and returns whether it was said that nothing happened.
  bool is_silent() {
    run_->interrupt();
    loop_.advance(seconds(5));
    return !run_->result().invalid_reasons.empty() &&
           run_->result().invalid_reasons[0].starts_with("Users were to run, but no request");
  }
  ScriptedWorker& begin_with_native_worker() {
    begin({.users = 1, .exit_rules = {.fail_on_invalid = true}});
    ScriptedWorker& worker = join("a_1", {.names_weights = true});
    worker.send(report_with({{"tasks", 0}}));
    loop_.advance(seconds(2));
    return worker;
  }
};

TEST_F(SilentRunTest, NothingHappenedThoughUsersRan) {
  begin_with_native_worker();
  EXPECT_TRUE(is_silent());
  EXPECT_EQ(exit_codes_, std::vector<int>{kExitInvalid});
  EXPECT_EQ(count("Users were to run, but no request was made"), 1U);
}

TEST_F(SilentRunTest, ATaskIsSomething) {
  ScriptedWorker& worker = begin_with_native_worker();
  worker.send(report_with({{"tasks", 1}}));
  loop_.advance(milliseconds(100));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, ARequestIsSomething) {
  ScriptedWorker& worker = begin_with_native_worker();
  worker.stats().log_request(worker.wall_time(), "GET", "/x", Number(5), 1);
  worker.report();
  loop_.advance(milliseconds(100));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, NothingIsClaimedOfWorkersThatDoNotCountTasks) {
  begin_with_native_worker();
  join("b_1");
  loop_.advance(seconds(2));
  EXPECT_FALSE(is_silent());
}

TEST_F(SilentRunTest, NothingIsClaimedOfLostWorkers) {
  ScriptedWorker& worker = begin_with_native_worker();
  join("b_1", {.names_weights = true}).send(report_with({{"tasks", 0}}));
  loop_.advance(seconds(2));
  worker.freeze();
  loop_.advance(seconds(10));
  run_->interrupt();
  loop_.advance(seconds(20));
  for (const std::string& reason : run_->result().invalid_reasons) {
    EXPECT_THAT(reason, Not(HasSubstr("Users were to run")));
  }
}

}  // namespace
}  // namespace locust::master
