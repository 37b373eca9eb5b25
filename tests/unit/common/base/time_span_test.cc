#include "common/base/time_span.h"

#include <gtest/gtest.h>

namespace locust {
namespace {

using std::chrono::seconds;

TEST(TimeSpan, TakesTheFormsThatStockTakes) {
  EXPECT_EQ(*parse_time_span("20"), seconds(20));
  EXPECT_EQ(*parse_time_span("20s"), seconds(20));
  EXPECT_EQ(*parse_time_span("3m"), seconds(180));
  EXPECT_EQ(*parse_time_span("2h"), seconds(7200));
  EXPECT_EQ(*parse_time_span("1h20m"), seconds(4800));
  EXPECT_EQ(*parse_time_span("3h30m10s"), seconds(12610));
  EXPECT_EQ(*parse_time_span("1h5s"), seconds(3605));
  EXPECT_EQ(*parse_time_span("0"), seconds(0));
}

TEST(TimeSpan, RefusesEverythingElse) {
  for (const char* text : {"", "s", "10x", "1m1h", "1s1s", "1.5s", "-1", "-1s", "+1", " 1", "1 ",
                           "1h20", "99999999999999999999", "9999999999999h"}) {
    EXPECT_FALSE(parse_time_span(text)) << text;
  }
}

}  // namespace
}  // namespace locust
