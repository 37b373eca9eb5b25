#include "common/base/last_words.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <thread>

#include "common/base/log.h"

namespace locust {
namespace {

// On a thread, because the test framework catches what the test's own throws.
template <typename Exception>
void throw_on_a_thread(const Exception& exception) {
  if (!log::setup({})) return;
  log_uncaught_exceptions();
  std::thread([&exception] { throw exception; }).join();
}

TEST(LastWordsDeathTest, AnUncaughtExceptionIsALineInTheLogAndExitCode1) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(throw_on_a_thread(std::bad_alloc()), testing::ExitedWithCode(1),
              "/CRITICAL/locust.main: This process ends: the system refuses memory, or a mapping");
  EXPECT_EXIT(throw_on_a_thread(std::runtime_error("no thread")), testing::ExitedWithCode(1),
              "/CRITICAL/locust.main: This process ends: no thread\n");
}

}  // namespace
}  // namespace locust
