#include "common/base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace locust {
namespace {

// Expected values in this file are those of Python 3.11's difflib.

TEST(Similarity, IsTheRatioOfDifflib) {
  struct Case {
    std::string_view a, b;
    double ratio;
  };
  constexpr std::array kCases = {
      Case{"--user-cunt", "--users", 0.6666666666666666},
      Case{"--users", "--user-cunt", 0.6666666666666666},
      Case{"--user-cunt", "--user-count", 0.9565217391304348},
      Case{"--num-users", "--users", 0.7777777777777778},
      Case{"--users", "--num-users", 0.7777777777777778},
      Case{"wieght", "weight", 0.8333333333333334},
      Case{"weight", "wieght", 0.8333333333333334},
      Case{"hots", "host", 0.75},
      Case{"host", "hots", 0.75},
      Case{"tide", "diet", 0.25},
      Case{"diet", "tide", 0.5},
      Case{"abxcd", "abcd", 0.8888888888888888},
      Case{"abcd", "bcde", 0.75},
      Case{"bcde", "abcd", 0.75},
      Case{"private", "private_thread", 0.6666666666666666},
      Case{"banana", "ananas", 0.8333333333333334},
      Case{"ananas", "banana", 0.8333333333333334},
      Case{"aab", "aba", 0.6666666666666666},
      Case{"aba", "aab", 0.6666666666666666},
      Case{"abcabba", "cbabac", 0.46153846153846156},
      Case{"cbabac", "abcabba", 0.46153846153846156},
      Case{"--hatch-rate", "--spawn-rate", 0.6666666666666666},
      Case{"--spawn-rate", "--hatch-rate", 0.6666666666666666},
      Case{"x", "y", 0.0},
      Case{"a", "a", 1.0},
      Case{"tt", "t", 0.6666666666666666},
      Case{"waittime", "wait_time", 0.9411764705882353},
      Case{"--user-count", "--master-port", 0.64},
      Case{"--master-port", "--user-count", 0.64},
      Case{"abab", "baba", 0.75},
      Case{"baba", "abab", 0.75},
      Case{"mississippi", "misspis", 0.6666666666666666},
      Case{"misspis", "mississippi", 0.6666666666666666},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(similarity(each.a, each.b), each.ratio) << each.a << ' ' << each.b;
  }
}

TEST(NearestName, TakesTheLastInTheAlphabetOfEquallySimilarOnes) {
  EXPECT_EQ(nearest_name("abcd", {"abce", "abcf", "abc1"}), "abcf");
}

TEST(NearestName, IsSimilarByHalfAndATenthAtLeast) {
  EXPECT_EQ(nearest_name("abcde", {"abcxy"}), "abcxy");  // 0.6
  EXPECT_EQ(nearest_name("abcd", {"abxy"}), "");         // 0.5
}

TEST(NearestName, LeavesOutTextsThatDifflibComparesOtherwise) {
  const std::string long_name(200, 'a');
  EXPECT_EQ(nearest_name(long_name, {long_name}), "");
  EXPECT_EQ(nearest_name(std::string(199, 'a'), {long_name}), "");
  EXPECT_NE(nearest_name(std::string(199, 'a'), {std::string_view(long_name).substr(1)}), "");
}

TEST(NearestName, FindsSwapsAndSlipsButNoStrangers) {
  const std::vector<std::string_view> known = {"weight", "wait_time", "host", "tasks"};
  EXPECT_EQ(nearest_name("wieght", known), "weight");
  EXPECT_EQ(nearest_name("waittime", known), "wait_time");
  EXPECT_EQ(nearest_name("task", known), "tasks");
  EXPECT_EQ(nearest_name("banana", known), "");
  EXPECT_EQ(did_you_mean("hots", known), "; did you mean 'host'?");
  EXPECT_EQ(did_you_mean("x", known), "");
}

}  // namespace
}  // namespace locust
