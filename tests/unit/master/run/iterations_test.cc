// --iterations: how tasks are shared among the workers.
#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

std::vector<std::optional<std::int64_t>> shares_told(const ScriptedWorker& worker) {
  std::vector<std::optional<std::int64_t>> shares;
  for (const proto::Spawn* spawn : worker.got<proto::Spawn>()) {
    shares.push_back(spawn->extension ? spawn->extension->iterations : std::nullopt);
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
  EXPECT_EQ(count("These workers do not support --iterations, as only locust-worker does, and run "
                  "without a limit: a_3"),
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

}  // namespace
}  // namespace locust::master
