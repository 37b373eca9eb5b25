#include "master/cluster/kl_sequence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace locust::master {
namespace {

std::string first(int count, const std::vector<double>& weights) {
  std::vector<KlSequence::Item> items;
  for (const double weight : weights) {
    items.push_back({static_cast<std::uint32_t>(items.size()), weight});
  }
  KlSequence sequence(items);
  std::string picks;
  for (int i = 0; i < count; ++i) {
    const auto column = sequence.next();
    picks += column ? static_cast<char>('A' + *column) : '-';
  }
  return picks;
}

TEST(KlSequence, GivesWhatStockGives) {
  EXPECT_EQ(first(24, {5, 1}), "AABAAAAABAAAAABAAAAABAAA");
  EXPECT_EQ(first(24, {2.5, 1, 0.3}), "ABAACABAABAAABAABACAABAA");
}

TEST(KlSequence, BreaksTiesByWeightThenByName) {
  EXPECT_EQ(first(6, {1, 1, 1}), "ABCABC");
  EXPECT_EQ(first(6, {0.25, 0.25}), "ABABAB");
}

TEST(KlSequence, PicksNothingWithoutAPositiveWeight) {
  EXPECT_EQ(first(2, {}), "--");
  EXPECT_EQ(first(2, {0, -1}), "--");
  EXPECT_EQ(first(3, {0, 2, -1}), "BBB");
}

TEST(KlSequence, FollowsTheWeightsExactlyAfterAsManyPicksAsTheyAddUpTo) {
  std::vector<KlSequence::Item> items;
  for (std::uint32_t column = 0; column < 100; ++column) items.push_back({column, column + 1.0});
  KlSequence sequence(items);
  std::vector<int> counts(100);
  for (int i = 0; i < 5050; ++i) ++counts[sequence.next().value()];
  for (int column = 0; column < 100; ++column) {
    EXPECT_EQ(counts[static_cast<std::size_t>(column)], column + 1);
  }
}

}  // namespace
}  // namespace locust::master
