// The dispatcher with numbers of users for each class, as shapes give them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "master/cluster/dispatcher.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using Counts = std::vector<std::pair<int, int>>;

class ClassCounts : public ::testing::Test {
 protected:
  void dispatch(int a, int b, double rate) {
    dispatcher_.set_class_counts(std::vector<ClassCount>{{"A", a}, {"B", b}});
    dispatcher_.new_dispatch(a + b, rate);
  }
  // Users of A and B after each iteration of the cycle.
  Counts steps() {
    Counts result;
    while (dispatcher_.next()) result.push_back(now());
    return result;
  }
  std::pair<int, int> now() const {
    return {dispatcher_.class_counts()[0], dispatcher_.class_counts()[1]};
  }
  // The largest difference between workers.
  int unevenness() const {
    int most = 0;
    int least = 1'000'000;
    for (std::size_t row = 0; row < dispatcher_.worker_count(); ++row) {
      int sum = 0;
      for (const int count : dispatcher_.counts(row)) sum += count;
      most = std::max(most, sum);
      least = std::min(least, sum);
    }
    return most - least;
  }

  UsersDispatcher dispatcher_{{{"w_1"}, {"w_2"}}, {{"A", 5}, {"B", 1}, {"C", 9}}};
};

TEST_F(ClassCounts, EachClassGetsItsNumberAndOthersNone) {
  dispatch(9, 3, 4);
  EXPECT_THAT(steps(), ElementsAre(std::pair(3, 1), std::pair(6, 2), std::pair(9, 3)));
  EXPECT_EQ(dispatcher_.class_counts()[2], 0);
  EXPECT_EQ(unevenness(), 0);
  EXPECT_FALSE(dispatcher_.dispatch_in_progress());
}

TEST_F(ClassCounts, OneClassMakesRoomForAnotherAtTheSpawnRate) {
  dispatch(9, 1, 10);
  steps();
  dispatch(5, 5, 2);
  EXPECT_THAT(steps(), ElementsAre(std::pair(7, 3), std::pair(5, 5)));
  dispatch(0, 3, 4);
  EXPECT_THAT(steps(), ElementsAre(std::pair(3, 3), std::pair(0, 3)));
  dispatch(2, 0, 5);
  EXPECT_THAT(steps(), ElementsAre(std::pair(2, 0)));
}

TEST_F(ClassCounts, WhatIsAlreadySoIsSentOnce) {
  dispatch(2, 2, 10);
  steps();
  dispatch(2, 2, 1);
  EXPECT_THAT(steps(), ElementsAre(std::pair(2, 2)));
}

TEST_F(ClassCounts, UsersByWeightMakeRoomToo) {
  dispatcher_.new_dispatch(15, 100);
  steps();
  EXPECT_EQ(dispatcher_.class_counts()[2], 9);
  dispatch(5, 5, 100);
  steps();
  EXPECT_EQ(now(), std::pair(5, 5));
  EXPECT_EQ(dispatcher_.class_counts()[2], 0);
}

TEST_F(ClassCounts, WithoutThemWeightsCountAgain) {
  dispatch(4, 0, 100);
  steps();
  dispatcher_.set_class_counts(std::nullopt);
  dispatcher_.new_dispatch(19, 100);
  steps();
  EXPECT_EQ(dispatcher_.dispatched_user_count(), 19);
  EXPECT_GT(dispatcher_.class_counts()[2], 7);
}

TEST_F(ClassCounts, AWorkerThatJoinsInTheMiddleOfAChangeGetsItsShare) {
  dispatch(8, 0, 10);
  steps();
  dispatch(0, 8, 2);
  ASSERT_TRUE(dispatcher_.next());
  EXPECT_EQ(now(), std::pair(6, 2));
  dispatcher_.add_worker("w_3");
  ASSERT_TRUE(dispatcher_.next());  // distributed anew, by the new numbers
  EXPECT_LE(unevenness(), 1);
  steps();
  EXPECT_EQ(now(), std::pair(0, 8));
  EXPECT_LE(unevenness(), 2);
  EXPECT_EQ(dispatcher_.dispatched_user_count(), 8);
}

TEST_F(ClassCounts, AClassThatNobodyHasIsLeftOut) {
  UsersDispatcher dispatcher({{"w_1", {{"A"}}}}, {{"A"}, {"B"}});
  dispatcher.set_class_counts(std::vector<ClassCount>{{"A", 3}, {"B", 4}, {"Nobody", 5}});
  dispatcher.new_dispatch(12, 100);
  while (dispatcher.next()) {
  }
  EXPECT_EQ(dispatcher.dispatched_user_count(), 3);
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
}

}  // namespace
}  // namespace locust::master
