// A process that was asked to end and does not.
#include "common/base/end_deadline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "common/base/log.h"

namespace locust {
namespace {

[[noreturn]] void wait_for_ever() {
  while (true) ::pause();
}

void block_after(Duration first, Duration second, const char* place) {
  if (!log::setup({})) return;
  EndDeadline deadline([place] { return std::string(place); });
  deadline.arm(first);
  deadline.arm(second);
  wait_for_ever();
}

class EndDeadlineDeathTest : public testing::Test {
 protected:
  EndDeadlineDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(EndDeadlineDeathTest, TheEarliestOneEndsTheProcessAndSaysWhatHeldItUp) {
  constexpr Duration kShort = std::chrono::milliseconds(10);
  constexpr Duration kLong = std::chrono::hours(1);
  const std::string line =
      "/CRITICAL/locust.main: This process did not end in time and ends now: held up by a.py:3\n";
  EXPECT_EXIT(block_after(kShort, kLong, "a.py:3"), testing::ExitedWithCode(1), line);
  EXPECT_EXIT(block_after(kLong, kShort, "a.py:3"), testing::ExitedWithCode(1), line);
  EXPECT_EXIT(block_after(kShort, kShort, ""), testing::ExitedWithCode(1), "and ends now\n");
}

TEST_F(EndDeadlineDeathTest, AnEndAtOnceWritesTheLogAndRunsNoDestructor) {
  struct Loud {
    ~Loud() { std::_Exit(9); }
  };
  EXPECT_EXIT(
      {
        if (log::setup({})) {
          static const Loud loud;
          for (int i = 0; i < 100; ++i) log::main().info("line {}", i);
          end_at_once(4);
        }
      },
      testing::ExitedWithCode(4), "line 99\n");
}

TEST(EndDeadline, OneThatIsGoneOrWasNeverArmedEndsNothing) {
  { const EndDeadline never({}); }
  EndDeadline deadline([]() -> std::string { std::abort(); });
  deadline.arm(std::chrono::hours(1));
}

}  // namespace
}  // namespace locust
