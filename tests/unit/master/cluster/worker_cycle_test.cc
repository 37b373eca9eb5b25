#include "master/cluster/worker_cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace locust::master {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint32_t> takers(WorkerCycle& cycle, const std::vector<std::size_t>& columns) {
  std::vector<std::uint32_t> rows;
  for (const std::size_t column : columns) rows.push_back(cycle.take(column));
  return rows;
}

TEST(WorkerCycle, GoesRoundOverEqualWorkers) {
  WorkerCycle cycle({0, 0, 0}, {{true, true}}, 2);
  EXPECT_THAT(takers(cycle, {0, 0, 1, 0, 1, 1, 0}), ElementsAre(0, 1, 2, 0, 1, 2, 0));
}

TEST(WorkerCycle, PassesOverWorkersWithoutTheClassAndKeepsTheirTurn) {
  // Row 0 has both classes, rows 1 and 2 only the first.
  WorkerCycle cycle({0, 1, 1}, {{true, true}, {true, false}}, 2);
  EXPECT_THAT(takers(cycle, {0, 1, 0, 1, 0, 1}), ElementsAre(0, 0, 1, 0, 2, 0));
}

TEST(WorkerCycle, PrefersWhoeverHasWaitedLongestAmongDifferentWorkers) {
  // Row 0 has the first class, row 1 both, row 2 the second.
  WorkerCycle cycle({0, 1, 2}, {{true, false}, {true, true}, {false, true}}, 2);
  EXPECT_THAT(takers(cycle, {0, 0, 1, 1, 0, 0}), ElementsAre(0, 1, 2, 1, 0, 1));
}

TEST(WorkerCycle, KnowsWhichClassesNobodyHas) {
  const WorkerCycle cycle({1}, {{true, true}, {true, false}}, 2);
  EXPECT_TRUE(cycle.has(0));
  EXPECT_FALSE(cycle.has(1));
  EXPECT_FALSE(WorkerCycle().has(0));
}

}  // namespace
}  // namespace locust::master
