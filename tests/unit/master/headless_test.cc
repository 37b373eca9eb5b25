// What a headless run says, and what it does by itself.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "common/log.h"
#include "tests/unit/master/master_fixture.h"

namespace locust::master {
namespace {

using testing::HasSubstr;
using testing::Not;

class HeadlessLogTest : public HeadlessTest {
 protected:
  HeadlessLogTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~HeadlessLogTest() override { log::capture(nullptr); }

  std::size_t count(const std::string& line) const {
    std::size_t times = 0;
    const std::string text = log_.str();
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) {
      ++times;
    }
    return times;
  }

  std::ostringstream log_;
};

TEST_F(HeadlessLogTest, AMasterWithoutWorkersSaysOnceHowToGetThem) {
  constexpr const char* kHint =
      "Start workers with locust-worker --master-host=HOST; for a run on this machine alone: "
      "--processes N";
  begin({.users = 1});
  loop_.advance(seconds(5));
  EXPECT_EQ(count(kHint), 0U);
  loop_.advance(seconds(60));
  EXPECT_EQ(count(kHint), 1U);
}

TEST_F(HeadlessLogTest, AMasterThatWaitsForMoreWorkersSaysOnlyHowManyThereAre) {
  begin({.users = 1, .expect_workers = 2});
  join("a_1");
  loop_.advance(seconds(10));
  EXPECT_THAT(log_.str(), HasSubstr("Waiting for workers to be ready, 1 of 2 connected"));
  EXPECT_THAT(log_.str(), Not(HasSubstr("--processes")));
}

}  // namespace
}  // namespace locust::master
