#include "common/base/nearest_name.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

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
