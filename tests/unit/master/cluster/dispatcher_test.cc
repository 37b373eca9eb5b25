#include "master/cluster/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace locust::master {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

std::vector<DispatchWorker> workers(const Names& ids) {
  std::vector<DispatchWorker> result;
  for (const std::string& id : ids) result.push_back({id});
  return result;
}

std::map<std::string, int> users_per_worker(const UsersDispatcher& dispatcher) {
  std::map<std::string, int> result;
  for (std::size_t row = 0; row < dispatcher.worker_count(); ++row) {
    for (const int count : dispatcher.counts(row)) result[dispatcher.worker_id(row)] += count;
  }
  return result;
}

std::map<std::string, int> users_per_class(const UsersDispatcher& dispatcher) {
  std::map<std::string, int> result;
  for (std::size_t column = 0; column < dispatcher.class_names().size(); ++column) {
    result[dispatcher.class_names()[column]] = dispatcher.class_counts()[column];
  }
  return result;
}

// Users of a class on a worker.
int users_on(const UsersDispatcher& dispatcher, const std::string& id, const std::string& name) {
  const Names& names = dispatcher.class_names();
  const auto column = std::find(names.begin(), names.end(), name) - names.begin();
  for (std::size_t row = 0; row < dispatcher.worker_count(); ++row) {
    if (dispatcher.worker_id(row) == id) {
      return dispatcher.counts(row)[static_cast<std::size_t>(column)];
    }
  }
  ADD_FAILURE() << "no worker " << id;
  return 0;
}

// The totals of the iterations up to the end of the cycle.
std::vector<int> totals(UsersDispatcher& dispatcher) {
  std::vector<int> result;
  while (dispatcher.next()) result.push_back(dispatcher.dispatched_user_count());
  return result;
}

void ramp(UsersDispatcher& dispatcher, int users) {
  dispatcher.new_dispatch(users, 1e6);
  totals(dispatcher);
}

TEST(UsersDispatcher, RampsByTheRateInWholeUsersAndPausesAccordingly) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1"}), {{"User"}});
  dispatcher.new_dispatch(20, 5);
  EXPECT_EQ(dispatcher.wait_between_dispatch(), seconds(1));
  EXPECT_THAT(totals(dispatcher), ElementsAre(5, 10, 15, 20));

  dispatcher.new_dispatch(25, 2.5);
  EXPECT_EQ(dispatcher.user_count_per_dispatch_iteration(), 2);
  EXPECT_EQ(dispatcher.wait_between_dispatch(), seconds(0.8));
  EXPECT_THAT(totals(dispatcher), ElementsAre(22, 24, 25));

  dispatcher.new_dispatch(23, 0.5);
  EXPECT_EQ(dispatcher.wait_between_dispatch(), seconds(2));
  EXPECT_THAT(totals(dispatcher), ElementsAre(24, 23));

  dispatcher.new_dispatch(0, 120);
  EXPECT_THAT(totals(dispatcher), ElementsAre(0));
}

TEST(UsersDispatcher, IsInProgressAndPausesUntilTheIterationThatCompletesTheRamp) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
  EXPECT_FALSE(dispatcher.next());
  dispatcher.new_dispatch(4, 2);
  EXPECT_TRUE(dispatcher.dispatch_in_progress());
  ASSERT_TRUE(dispatcher.next());
  EXPECT_TRUE(dispatcher.dispatch_in_progress());
  EXPECT_EQ(dispatcher.wait_before_next(), seconds(1));
  ASSERT_TRUE(dispatcher.next());
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
  EXPECT_EQ(dispatcher.wait_before_next(), Duration::zero());
  EXPECT_FALSE(dispatcher.next());
}

TEST(UsersDispatcher, HasOneUnchangedIterationWhenTheTargetIsMetAlready) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  ramp(dispatcher, 3);
  dispatcher.new_dispatch(3, 1);
  EXPECT_TRUE(dispatcher.dispatch_in_progress());
  ASSERT_TRUE(dispatcher.next());
  EXPECT_EQ(dispatcher.dispatched_user_count(), 3);
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
  EXPECT_FALSE(dispatcher.next());
}

TEST(UsersDispatcher, LeavesACycleForANewOneAtAnyPoint) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  dispatcher.new_dispatch(100, 10);
  dispatcher.next();
  dispatcher.next();
  dispatcher.new_dispatch(5, 10);
  EXPECT_THAT(totals(dispatcher), ElementsAre(10, 5));
}

TEST(UsersDispatcher, TakesANegativeTargetForZeroAndSurvivesAnyRate) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  dispatcher.new_dispatch(10, 1e300);
  EXPECT_THAT(totals(dispatcher), ElementsAre(10));
  dispatcher.new_dispatch(-5, 1e-300);
  EXPECT_EQ(dispatcher.user_count_per_dispatch_iteration(), 1);
  EXPECT_GT(dispatcher.wait_between_dispatch(), seconds(1e9));
  EXPECT_EQ(totals(dispatcher).back(), 0);
}

TEST(UsersDispatcher, StartsWithOneWorkerOfEveryHost) {
  UsersDispatcher dispatcher(workers({"b_2", "a_2", "a_1", "b_1", "c"}), {{"User"}});
  ramp(dispatcher, 4);
  EXPECT_EQ(dispatcher.worker_id(0), "a_1");
  EXPECT_THAT(
      users_per_worker(dispatcher),
      ElementsAre(Pair("a_1", 1), Pair("a_2", 1), Pair("b_1", 1), Pair("b_2", 0), Pair("c", 1)));
}

TEST(UsersDispatcher, SpreadsUsersEvenlyOverWorkersAndByWeightOverClasses) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1", "c_1"}), {{"Heavy", 3}, {"Light", 1}});
  dispatcher.new_dispatch(1000, 7);
  while (dispatcher.next()) {
    const auto users = users_per_worker(dispatcher);
    const auto [least, most] = std::minmax_element(
        users.begin(), users.end(), [](auto& a, auto& b) { return a.second < b.second; });
    ASSERT_LE(most->second - least->second, 1);
  }
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("Heavy", 750), Pair("Light", 250)));
}

TEST(UsersDispatcher, StartsFixedCountsFirstAndReplacesThemAfterARampDown) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"Fixed", 1, 3}, {"Weighted", 1}});
  ramp(dispatcher, 2);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("Fixed", 2), Pair("Weighted", 0)));
  ramp(dispatcher, 5);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("Fixed", 3), Pair("Weighted", 2)));
  ramp(dispatcher, 1);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("Fixed", 1), Pair("Weighted", 0)));
  ramp(dispatcher, 4);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("Fixed", 3), Pair("Weighted", 1)));
}

TEST(UsersDispatcher, EndsBelowTheTargetWhenOnlyFixedCountsAreLeft) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"Fixed", 1, 4}});
  dispatcher.new_dispatch(10, 2);
  EXPECT_THAT(totals(dispatcher), ElementsAre(2, 4, 4));
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
  // The shortage is over with its cycle.
  dispatcher.new_dispatch(1, 1);
  EXPECT_THAT(totals(dispatcher), ElementsAre(3, 2, 1));
}

TEST(UsersDispatcher, PicksNewUsersFromTheSelectedClassesAndKeepsTheSelection) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"A"}, {"B"}, {"C"}});
  dispatcher.new_dispatch(4, 10, Names{"C", "B"});
  totals(dispatcher);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 0), Pair("B", 2), Pair("C", 2)));
  ramp(dispatcher, 6);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 0), Pair("B", 3), Pair("C", 3)));
  dispatcher.new_dispatch(8, 10, Names{"A"});
  totals(dispatcher);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 2), Pair("B", 3), Pair("C", 3)));
}

TEST(UsersDispatcher, StopsTheUsersStartedLastFirst) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1"}), {{"A"}, {"B"}});
  dispatcher.new_dispatch(3, 10, Names{"A"});
  totals(dispatcher);
  dispatcher.new_dispatch(6, 10, Names{"B"});
  totals(dispatcher);
  dispatcher.new_dispatch(4, 10);
  totals(dispatcher);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 3), Pair("B", 1)));
}

// ---- Workers that come and go ----

TEST(UsersDispatcher, DistributesAnewInAnIterationOfItsOwnThatTakesNoTime) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  dispatcher.new_dispatch(12, 4);
  dispatcher.next();
  dispatcher.add_worker("b_1");
  EXPECT_EQ(dispatcher.wait_before_next(), seconds(1));
  ASSERT_TRUE(dispatcher.next());
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 2), Pair("b_1", 2)));
  EXPECT_EQ(dispatcher.wait_before_next(), Duration::zero());
  EXPECT_TRUE(dispatcher.dispatch_in_progress());
  EXPECT_THAT(totals(dispatcher), ElementsAre(8, 12));
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 6), Pair("b_1", 6)));
}

TEST(UsersDispatcher, KeepsWhatItSaysUntilTheNextIterationWhenWorkersComeAndGo) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1"}), {{"User"}});
  ramp(dispatcher, 4);
  dispatcher.remove_worker("a_1");
  dispatcher.add_worker("c_1");
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 2), Pair("b_1", 2)));
  ramp(dispatcher, 4);
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("b_1", 2), Pair("c_1", 2)));
}

// Stock's flag stays set after the first of these cycles (docs/protocol.md §10.3).
TEST(UsersDispatcher, IsReadyForEveryJoinNotOnlyTheFirst) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  ramp(dispatcher, 12);
  for (const int workers_now : {2, 3, 4}) {
    dispatcher.add_worker("joined_" + std::to_string(workers_now));
    ASSERT_FALSE(dispatcher.dispatch_in_progress());
    dispatcher.new_dispatch(12, 1);
    ASSERT_TRUE(dispatcher.next());
    EXPECT_FALSE(dispatcher.dispatch_in_progress());
    EXPECT_THAT(users_per_worker(dispatcher), Each(Pair(testing::_, 12 / workers_now)));
    EXPECT_FALSE(dispatcher.next());
  }
}

TEST(UsersDispatcher, TellsAJoinAfterTheLastIterationFromARampInProgress) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  dispatcher.new_dispatch(2, 10);
  dispatcher.next();
  dispatcher.add_worker("b_1");
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
  dispatcher.new_dispatch(2, 10);
  EXPECT_THAT(totals(dispatcher), ElementsAre(2));
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 1), Pair("b_1", 1)));
}

TEST(UsersDispatcher, GivesAWorkerThatRegistersTwiceOneShare) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1"}), {{"User"}});
  dispatcher.add_worker("a_1");
  dispatcher.new_dispatch(6, 10);
  EXPECT_THAT(totals(dispatcher), ElementsAre(0, 6));
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 3), Pair("b_1", 3)));
}

TEST(UsersDispatcher, HandsTheUsersOfTheLastWorkerToTheOneThatReplacesIt) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"User"}});
  ramp(dispatcher, 3);
  dispatcher.remove_worker("a_1");
  dispatcher.add_worker("b_1");
  ramp(dispatcher, 3);
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("b_1", 3)));
}

TEST(UsersDispatcher, StartsNobodyWithoutWorkersOrClasses) {
  UsersDispatcher no_workers({}, {{"User"}});
  no_workers.new_dispatch(5, 1);
  EXPECT_THAT(totals(no_workers), ElementsAre(0));
  EXPECT_THAT(no_workers.classes_without_worker(), ElementsAre("User"));
  no_workers.add_worker("a_1");
  no_workers.new_dispatch(2, 2);
  EXPECT_EQ(totals(no_workers).back(), 2);

  UsersDispatcher no_classes(workers({"a_1"}), {});
  no_classes.new_dispatch(5, 1);
  EXPECT_THAT(totals(no_classes), ElementsAre(0));
}

// Stock repeats the last iteration for ever: it counts users that the redistribution did not start.
TEST(UsersDispatcher, EndsARampDownThatHasNobodyLeftToStop) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"Fixed", 1, 2}, {"Weighted"}});
  ramp(dispatcher, 6);
  dispatcher.new_dispatch(0, 1, Names{"Fixed"});
  dispatcher.next();
  dispatcher.add_worker("b_1");
  EXPECT_THAT(totals(dispatcher), ElementsAre(2, 1, 0));
  EXPECT_FALSE(dispatcher.dispatch_in_progress());
}

// ---- Unequal workers ----

TEST(UsersDispatcher, TreatsWorkersThatNameAllClassesAsEqual) {
  UsersDispatcher named({{"a_1", Names{"A", "B"}}, {"b_1", Names{"B", "Other", "A"}}},
                        {{"A", 1}, {"B", 2}});
  UsersDispatcher unnamed(workers({"a_1", "b_1"}), {{"A", 1}, {"B", 2}});
  ramp(named, 7);
  ramp(unnamed, 7);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_TRUE(std::ranges::equal(named.counts(row), unnamed.counts(row)));
  }
}

TEST(UsersDispatcher, StartsAClassOnlyWhereItIsLoadedAndStillSpreadsEvenly) {
  UsersDispatcher dispatcher({{"a_1"}, {"b_1", Names{"A"}}, {"c_1", Names{"A"}}},
                             {{"A", 2}, {"B"}});
  ramp(dispatcher, 9);
  EXPECT_EQ(users_on(dispatcher, "a_1", "B"), 3);
  EXPECT_EQ(users_on(dispatcher, "b_1", "B") + users_on(dispatcher, "c_1", "B"), 0);
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 6), Pair("B", 3)));
  EXPECT_LE(std::abs(users_on(dispatcher, "b_1", "A") - users_on(dispatcher, "c_1", "A")), 1);
  EXPECT_GE(users_on(dispatcher, "b_1", "A"), 2);
  EXPECT_TRUE(dispatcher.has_loaded(0, 1));
  EXPECT_FALSE(dispatcher.has_loaded(1, 1));
}

TEST(UsersDispatcher, LeavesOutAndNamesClassesThatNobodyHasUntilSomebodyDoes) {
  UsersDispatcher dispatcher({{"a_1", Names{"A"}}}, {{"A"}, {"B"}, {"Fixed", 1, 3}});
  EXPECT_THAT(dispatcher.classes_without_worker(), ElementsAre("B", "Fixed"));
  ramp(dispatcher, 8);
  EXPECT_THAT(users_per_class(dispatcher),
              ElementsAre(Pair("A", 8), Pair("B", 0), Pair("Fixed", 0)));
  dispatcher.add_worker("b_1", Names{"B", "Fixed"});
  EXPECT_THAT(dispatcher.classes_without_worker(), IsEmpty());
  ramp(dispatcher, 9);
  EXPECT_THAT(users_per_class(dispatcher),
              ElementsAre(Pair("A", 3), Pair("B", 3), Pair("Fixed", 3)));
  EXPECT_THAT(users_per_worker(dispatcher), UnorderedElementsAre(Pair("a_1", 3), Pair("b_1", 6)));
}

TEST(UsersDispatcher, LearnsWhatAKnownWorkerHasLoaded) {
  UsersDispatcher dispatcher(workers({"a_1", "b_1"}), {{"A"}, {"B"}});
  ramp(dispatcher, 8);
  dispatcher.add_worker("a_1", Names{"A"});
  ramp(dispatcher, 8);
  EXPECT_EQ(users_on(dispatcher, "a_1", "B"), 0);
  EXPECT_THAT(users_per_worker(dispatcher), ElementsAre(Pair("a_1", 4), Pair("b_1", 4)));
}

TEST(UsersDispatcher, NamesSelectedClassesThatDoNotExistAndGoesOnWithoutThem) {
  UsersDispatcher dispatcher(workers({"a_1"}), {{"A"}, {"B"}});
  dispatcher.new_dispatch(2, 10, Names{"Nobody", "B"});
  EXPECT_THAT(totals(dispatcher), ElementsAre(2));
  EXPECT_THAT(users_per_class(dispatcher), ElementsAre(Pair("A", 0), Pair("B", 2)));
  EXPECT_THAT(dispatcher.classes_without_worker(), ElementsAre("Nobody"));
}

}  // namespace
}  // namespace locust::master
