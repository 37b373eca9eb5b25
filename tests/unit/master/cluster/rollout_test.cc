#include "master/cluster/rollout.h"

#include "tests/unit/master/cluster/parts_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RolloutTest : public PartsTest, private MasterEvents {
 protected:
  RolloutTest() {
    events_.add(*this);
    catalog_.learn("Shop", 1, 0);
  }
  Rollout& make(Rollout::Options options = {}) {
    return rollout_.emplace(
        loop_, registry_, catalog_, events_, send(), [this] { ++ramps_over_; }, std::move(options));
  }
  void start(std::int64_t users, double rate) {
    if (!rollout_) make();
    ASSERT_TRUE(rollout_->aim(users, rate, std::nullopt, std::nullopt));
    if (!rollout_->in_test()) rollout_->begin_test();
    rollout_->ramp();
  }
  // The workers report what they were ordered.
  void report_all() {
    for (WorkerNode* worker : registry_.active()) {
      registry_.set_state(*worker, WorkerState::kRunning);
      const auto ordered = orders(worker->id);
      if (ordered.empty()) continue;
      registry_.set_user_classes_count(*worker, {{"Shop", ordered.back()}});
    }
    rollout_->check_all_spawned();
  }

  UserClassCatalog catalog_{nullptr, {}, {}};
  EventSubscribers events_;
  std::optional<Rollout> rollout_;
  int ramps_over_ = 0;
  std::vector<std::int64_t> spawned_;

 private:
  void on_spawning_complete(std::int64_t users) override { spawned_.push_back(users); }
};

TEST_F(RolloutTest, ThereIsNoRampWithoutWorkersOrClasses) {
  make();
  EXPECT_FALSE(rollout_->aim(1, 1, std::nullopt, std::nullopt));
  EXPECT_THAT(rollout_->obstacle(1).value_or(""), HasSubstr("at least one worker"));
  join("a_1", {"Other"});
  EXPECT_FALSE(rollout_->aim(1, 1, std::nullopt, std::nullopt));
  EXPECT_EQ(rollout_->obstacle(1),
            "No worker has any of the user classes of this test: Shop; they have: Other");
  join("b_1");
  EXPECT_FALSE(rollout_->obstacle(1));
  EXPECT_TRUE(rollout_->aim(1, 1, std::nullopt, std::nullopt));
  EXPECT_THAT(rollout_->obstacle(UsersDispatcher::kMaxUsers + 1).value_or(""),
              HasSubstr("too many"));
  EXPECT_FALSE(rollout_->in_test());
}

TEST_F(RolloutTest, StepsFollowTheSpawnRateAndTheRampIsOverWithTheLastReport) {
  join("a_1");
  join("b_1");
  start(6, 2);
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kSpawning);
  EXPECT_TRUE(rollout_->dispatching());
  loop_.advance(seconds(2));
  EXPECT_THAT(orders("a_1"), ElementsAre(1, 2, 3));
  EXPECT_THAT(orders("b_1"), ElementsAre(1, 2, 3));
  EXPECT_FALSE(rollout_->dispatching());
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kSpawning);
  report_all();
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kRunning);
  EXPECT_EQ(ramps_over_, 1);
  EXPECT_THAT(spawned_, ElementsAre(6));
  EXPECT_THAT(receivers<proto::MasterSpawningComplete>(), ElementsAre("a_1", "b_1"));
  EXPECT_EQ(rollout_->target_user_classes_count(), (UserCounts{{"Shop", 6}}));
}

TEST_F(RolloutTest, WithoutReportsTheRampIsOverAfterTheWait) {
  join("a_1");
  make({.report_wait = seconds(2)});
  start(4, 4);
  loop_.advance(milliseconds(1999));
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kSpawning);
  loop_.advance(milliseconds(1));
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kRunning);
  report_all();
  EXPECT_EQ(ramps_over_, 1) << "once";
}

TEST_F(RolloutTest, ARampMayBeLeftForAnother) {
  join("a_1");
  start(10, 1);
  loop_.advance(milliseconds(1500));
  start(3, 1);
  loop_.advance(seconds(5));
  EXPECT_THAT(orders("a_1"), ElementsAre(1, 2, 3));
}

TEST_F(RolloutTest, WhoSubscribesMayEndTheTestWhenARampIsOver) {
  join("a_1");
  rollout_.emplace(
      loop_, registry_, catalog_, events_, send(), [this] { rollout_->end(); }, Rollout::Options());
  start(1, 1);
  report_all();
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kIdle);
  EXPECT_THAT(spawned_, IsEmpty());
}

TEST_F(RolloutTest, NothingIsSentAfterTheEnd) {
  join("a_1");
  start(10, 1);
  loop_.advance(milliseconds(1500));
  rollout_->end();
  EXPECT_EQ(rollout_->phase(), Rollout::Phase::kIdle);
  sent_.clear();
  rollout_->redistribute();
  loop_.advance(seconds(20));
  EXPECT_THAT(sent_, IsEmpty());
  EXPECT_TRUE(loop_.idle());
}

TEST_F(RolloutTest, AWorkerThatComesGetsItsShareAtOnce) {
  join("a_1");
  start(6, 6);
  report_all();
  rollout_->add(join("b_1"));
  EXPECT_EQ(orders("a_1").back(), 3);
  EXPECT_EQ(orders("b_1").back(), 3);
}

TEST_F(RolloutTest, ACrowdThatComesTogetherCausesTwoRedistributions) {
  join("a_1");
  start(60, 60);
  report_all();
  const std::size_t before = orders("a_1").size();
  for (int i = 0; i < 30; ++i) rollout_->add(join("b_" + std::to_string(i)));
  loop_.advance(seconds(1));
  EXPECT_EQ(orders("a_1").size(), before + 2);
  EXPECT_LE(orders("a_1").back(), 2);
}

TEST_F(RolloutTest, UsersOfAMissingWorkerMoveAtOnceIfTheyAreToBeRebalanced) {
  for (const bool rebalances : {false, true}) {
    registry_ = WorkerRegistry();
    sent_.clear();
    make({.enable_rebalancing = rebalances});
    join("a_1");
    WorkerNode& b = join("b_1");
    start(6, 6);
    report_all();
    loop_.advance(seconds(1));
    registry_.set_state(b, WorkerState::kMissing);
    rollout_->remove(b);
    rollout_->redistribute_if_rebalancing();
    loop_.advance(seconds(1));
    EXPECT_EQ(orders("a_1").back(), rebalances ? 6 : 3);
  }
}

TEST_F(RolloutTest, RebalancingOnLossKeepsToTheSpawnRate) {
  make({.on_worker_loss = OnWorkerLoss::kRebalance});
  join("a_1");
  WorkerNode& b = join("b_1");
  start(8, 2);
  loop_.advance(seconds(4));
  report_all();
  EXPECT_EQ(rollout_->users_of(b), 4);
  registry_.set_state(b, WorkerState::kGone);
  rollout_->forget_users(b);
  rollout_->remove(b);
  sent_.clear();
  rollout_->redistribute();
  loop_.advance(seconds(4));
  EXPECT_THAT(orders("a_1"), ElementsAre(6, 8));
}

TEST_F(RolloutTest, ClassesThatAJoinerBringsTakePart) {
  join("a_1");
  start(6, 6);
  report_all();
  WorkerNode& admin = join("b_1", {"Admin"});
  ASSERT_TRUE(catalog_.learn("Admin", 1, 0));
  rollout_->class_learned();
  rollout_->add(admin);
  EXPECT_EQ(orders("a_1").back(), 3);
  EXPECT_EQ(orders("b_1").back(), 3);
}

TEST_F(RolloutTest, UsersAreGoneWhenNobodyHasAnyAndNoneIsToStart) {
  WorkerNode& a = join("a_1");
  WorkerNode& b = join("b_1");
  start(2, 2);
  EXPECT_TRUE(rollout_->users_asked_for());
  report_all();
  EXPECT_FALSE(rollout_->users_gone());
  registry_.set_user_classes_count(a, {{"Shop", 0}});
  EXPECT_FALSE(rollout_->users_gone());
  registry_.set_user_classes_count(b, {{"Shop", 0}});
  EXPECT_TRUE(rollout_->users_gone());
  registry_.set_state(b, WorkerState::kMissing);
  EXPECT_FALSE(rollout_->users_gone()) << "it may have some yet";
}

TEST_F(RolloutTest, IterationsAreSharedByTheUsersInTheEnd) {
  make({.orders = {.iterations = 90}});
  for (const char* id : {"a_1", "b_1"}) join(id).is_native = true;
  join("stock_1");
  start(6, 2);
  std::vector<std::int64_t> shares;
  for (const auto& [id, payload] : sent_) {
    const auto* spawn = std::get_if<proto::Spawn>(&payload);
    if (spawn != nullptr && spawn->extension) {
      shares.push_back(spawn->extension->iterations.value());
    }
  }
  EXPECT_THAT(shares, ElementsAre(45, 45));
}

TEST(ReportWait, TakesSecondsOrMultiplesOfTheReportInterval) {
  EXPECT_EQ(*report_wait_from("2.5"), milliseconds(2500));
  EXPECT_EQ(*report_wait_from("1.25 * WORKER_REPORT_INTERVAL"), milliseconds(3750));
  EXPECT_EQ(*report_wait_from("2*WORKER_REPORT_INTERVAL"), seconds(6));
  for (const char* text : {"", "soon", "-1", "1 * SOMETHING", "nan", "inf"})
    EXPECT_FALSE(report_wait_from(text)) << text;
}

}  // namespace
}  // namespace locust::master
