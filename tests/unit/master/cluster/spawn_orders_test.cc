#include "master/cluster/spawn_orders.h"

#include "tests/unit/master/cluster/parts_fixture.h"

namespace locust::master {
namespace {

class SpawnOrdersTest : public PartsTest {
 protected:
  proto::Spawn make(WorkerNode& worker, std::optional<std::int64_t> users_of_test = std::nullopt) {
    return orders_.make(worker, {{"Shop", 3}}, users_of_test);
  }

  SpawnOrders orders_{loop_.clock(),
                      {.host = "http://there",
                       .stop_timeout = 7,
                       .parsed_options = {{"tenant", "acme"}},
                       .iterations = 10,
                       .as_one_process = true}};
};

TEST_F(SpawnOrdersTest, AnOrderNamesAllClassesOfTheWorkerAndTheOptionsOfTheTest) {
  WorkerNode& worker = join("a_1", {"Admin", "Shop"});
  const proto::Spawn spawn = make(worker);
  EXPECT_EQ(spawn.user_classes_count, (UserCounts{{"Admin", 0}, {"Shop", 3}}));
  EXPECT_EQ(spawn.host, "http://there");
  EXPECT_EQ(spawn.stop_timeout, 7);
  EXPECT_EQ(*proto::find(spawn.parsed_options, "tenant"), proto::Value("acme"));
  EXPECT_EQ(*proto::find(spawn.parsed_options, "expect_workers"), proto::Value(1));
  EXPECT_FALSE(spawn.extension) << "a stock worker";
  orders_.set_host(std::nullopt);
  orders_.set_parsed_options({});
  EXPECT_FALSE(make(worker).host);
  EXPECT_EQ(proto::find(make(worker).parsed_options, "tenant"), nullptr);
}

TEST_F(SpawnOrdersTest, ShareOfFeedersIsByTheHighestIndexAtTheStart) {
  join("a_1");
  WorkerNode& b = join("b_1");
  registry_.set_state(join("gone_1"), WorkerState::kGone);
  orders_.begin_test(registry_);
  join("late_1");
  EXPECT_EQ(*proto::find(make(b).parsed_options, "expect_workers"), proto::Value(2));
}

TEST_F(SpawnOrdersTest, NativeWorkersGetTheirShareOfIterationsAndTheUsersOfATestOfTheirOwn) {
  WorkerNode& worker = join("a_1");
  worker.is_native = true;
  orders_.iteration_limit().share_out({{"a_1", 1}});
  ASSERT_TRUE(make(worker).extension);
  EXPECT_EQ(make(worker).extension->iterations, 10);
  EXPECT_FALSE(make(worker).extension->users_of_test);
  EXPECT_EQ(make(worker, 5).extension->users_of_test, 5);
}

TEST_F(SpawnOrdersTest, TimestampsGrowWhateverTheClockDoes) {
  WorkerNode& worker = join("a_1");
  const double first = make(worker).timestamp;
  EXPECT_EQ(first, loop_.clock().wall_time());
  loop_.manual_clock().step_wall_time(-3600);
  EXPECT_GT(make(worker).timestamp, first);
}

TEST(WorkerClock, OrdersAreLaterThanWhatTheWorkerMayHaveGotFromAMasterBefore) {
  WorkerClock clock;
  EXPECT_EQ(clock.next_order(100), 100);
  clock.observe(500, 101);
  EXPECT_EQ(clock.next_order(101), 507) << "two report intervals and a second";
  EXPECT_GT(clock.next_order(102), 507);
  EXPECT_EQ(clock.next_order(900), 900);
  clock.observe(-1e15, 901);
  clock.observe(1e15, 902);
  EXPECT_EQ(clock.next_order(903), 903) << "no clock says so";
}

TEST(WorkerClock, IsWarnedOfOnceIfItIsCorrected) {
  WorkerClock clock;
  clock.reset_at(100);
  for (int second = 103; second <= 112; second += 3) clock.observe(second - 3 + 50, second);
  EXPECT_EQ(clock.correction(), -50);
  EXPECT_EQ(clock.ahead(0), 50);
  EXPECT_EQ(clock.ahead(50), 0) << "this machine's was set with it";
  EXPECT_FALSE(clock.is_to_be_warned_of(50));
  EXPECT_TRUE(clock.is_to_be_warned_of(0));
  EXPECT_FALSE(clock.is_to_be_warned_of(0));
  clock.measure_anew();
  EXPECT_EQ(clock.correction(), 0);
}

}  // namespace
}  // namespace locust::master
