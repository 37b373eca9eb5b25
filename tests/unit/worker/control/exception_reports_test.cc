#include "worker/control/exception_reports.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>

#include "common/base/log.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::worker {
namespace {

class ExceptionReportsTest : public ::testing::Test {
 protected:
  ExceptionReportsTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(text_)); }
  ~ExceptionReportsTest() override { log::capture(nullptr); }

  // What was logged since the last call.
  std::string logged() {
    std::string text = text_.str();
    text_.str("");
    return text;
  }

  std::ostringstream text_;
  fakes::SimulatedLoop loop_;
  ExceptionReports reports_{loop_.clock()};
};

TEST_F(ExceptionReportsTest, LogsTheFirstOfEachKindAndCountsTheOthers) {
  reports_.log({"boom", "trace"});
  EXPECT_NE(logged().find("boom\ntrace"), std::string::npos);
  reports_.log({"boom", "trace"});
  reports_.log({"boom", "trace"});
  EXPECT_EQ(logged(), "");
  reports_.log({"boom", "another place"});
  EXPECT_NE(logged().find("another place"), std::string::npos);
  reports_.log_counts();
  EXPECT_NE(logged().find("2 more exceptions like those above"), std::string::npos);
  reports_.log_counts();
  EXPECT_EQ(logged(), "");
}

TEST_F(ExceptionReportsTest, EachTestLogsAgain) {
  reports_.log({"boom", "trace"});
  (void)logged();
  reports_.begin_test();
  reports_.log({"boom", "trace"});
  EXPECT_NE(logged().find("boom\ntrace"), std::string::npos);
}

TEST_F(ExceptionReportsTest, LetsSoManyThroughInASecondAndCountsTheOthers) {
  for (int i = 0; i < ExceptionReports::kPerSecond; ++i) EXPECT_TRUE(reports_.may_send());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(reports_.may_send());
  loop_.advance(std::chrono::milliseconds(999));
  EXPECT_FALSE(reports_.may_send());
  loop_.advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(reports_.may_send());
  reports_.log_counts();
  EXPECT_NE(logged().find("4 exceptions were not sent"), std::string::npos);
}

}  // namespace
}  // namespace locust::worker
