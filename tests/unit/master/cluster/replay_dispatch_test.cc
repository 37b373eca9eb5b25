#include "tests/replay/replay_dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/fakes/test_data.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ReplayOutcome replay(const std::string& text) {
  std::istringstream input(text);
  return replay_dispatch(input);
}

std::string vector_with(const std::string& steps, const std::string& more = "") {
  return R"({"case":0,"workers":["w_1"],"user_classes":[{"name":"A","weight":1,"fixed_count":0}],)"
         R"("cycles":[{"target_user_count":2,"spawn_rate":1.5,"user_classes":null,)"
         R"("users_per_iteration":1,"wait_between":0.666666667,"steps":[)" +
         steps + "]}]" + more + "}\n";
}

std::string step(int users) { return R"({"users":{"w_1":{"A":)" + std::to_string(users) + "}}}"; }

TEST(ReplayDispatch, AgreesWithStockInAllItsVectors) {
  const ReplayOutcome outcome = replay(load_test_data("dispatch.jsonl.gz"));
  EXPECT_EQ(outcome.cases, 150U);
  EXPECT_EQ(outcome.mismatches, 0U);
  EXPECT_THAT(outcome.differences, IsEmpty());
}

// Generated like those, with stock 2.46.3: weights from the smallest to the largest double, many
// fixed counts, cycles cut short, unknown workers that leave and last workers that do.
TEST(ReplayDispatch, AgreesWithStockInUnusualVectors) {
  const ReplayOutcome outcome = replay(load_test_data("dispatch_unusual.jsonl.gz"));
  EXPECT_GT(outcome.cases, 100U);
  EXPECT_EQ(outcome.mismatches, 0U);
  EXPECT_THAT(outcome.differences, IsEmpty());
}

TEST(ReplayDispatch, AcceptsARightVector) {
  EXPECT_EQ(replay(vector_with(step(1) + "," + step(2)) + "\n").mismatches, 0U);
}

TEST(ReplayDispatch, NamesTheFirstDifferenceOfACase) {
  const ReplayOutcome outcome =
      replay(std::string("\n").append(vector_with(step(1) + "," + step(1))));
  EXPECT_EQ(outcome.cases, 1U);
  EXPECT_EQ(outcome.mismatches, 1U);
  EXPECT_THAT(outcome.differences,
              ElementsAre("line 2, cycle 0, step 1: w_1 A should be 1.0, is 2.0"));
}

TEST(ReplayDispatch, FindsCyclesThatShouldGoOn) {
  const std::string steps = step(1) + "," + step(2) + "," + step(2);
  EXPECT_THAT(replay(vector_with(steps)).differences,
              ElementsAre(HasSubstr("step 2: the cycle should go on, but it is over")));
}

TEST(ReplayDispatch, FindsOtherWorkersThanExpected) {
  EXPECT_THAT(replay(vector_with(R"({"add_worker":"w_2"},)" + step(1))).differences,
              ElementsAre(HasSubstr("the number of workers should be 1.0, is 2.0")));
  EXPECT_THAT(replay(vector_with(R"({"users":{"x":{"A":1}}})")).differences,
              ElementsAre(HasSubstr("there should be no worker w_1")));
}

TEST(ReplayDispatch, CountsWhatItCannotReadAsAMismatch) {
  const ReplayOutcome outcome = replay("{\n[]\n" + vector_with("", R"(,"more":1)") +
                                       vector_with(R"({"odd":1})") + vector_with("17"));
  EXPECT_EQ(outcome.cases, 5U);
  EXPECT_EQ(outcome.mismatches, 5U);
  EXPECT_THAT(outcome.differences[2], HasSubstr("unknown key more"));
}

}  // namespace
}  // namespace locust
