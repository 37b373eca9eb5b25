#include "worker/loop/self_diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/simulated_loop.h"
#include "worker/loop/loop_monitor.h"

namespace locust::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SelfDiagnosisTest, AHealthyWorkerSaysNothing) {
  SelfDiagnosis diagnosis;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(diagnosis.note({.loop_lag = 100ms,
                                .late_timers = 0,
                                .cpu_percent = 95,
                                .open_files = 949,
                                .open_file_limit = 1000}),
                IsEmpty());
  }
  EXPECT_THAT(diagnosis.found(), IsEmpty());
}

TEST(SelfDiagnosisTest, ALateLoopCountsWhenItIsLateTwiceInARowAndIsSaidOnce) {
  SelfDiagnosis diagnosis;
  EXPECT_THAT(diagnosis.note({.loop_lag = 500ms}), IsEmpty()) << "one slow moment";
  EXPECT_THAT(diagnosis.note({.loop_lag = 0ms}), IsEmpty());
  EXPECT_THAT(diagnosis.note({.loop_lag = 500ms}), IsEmpty());
  EXPECT_THAT(diagnosis.note({.loop_lag = 300ms}),
              ElementsAre(HasSubstr("its users' loop is up to 300 ms late")));
  EXPECT_THAT(diagnosis.note({.loop_lag = 300ms}), IsEmpty());
  EXPECT_THAT(diagnosis.found(), ElementsAre("loop"));
  EXPECT_EQ(diagnosis.last().loop_lag, 300ms);
}

TEST(SelfDiagnosisTest, ABusyProcessCountsTwiceInARow) {
  SelfDiagnosis diagnosis;
  EXPECT_THAT(diagnosis.note({.cpu_percent = 99}), IsEmpty());
  EXPECT_THAT(diagnosis.note({.cpu_percent = 99}), ElementsAre(HasSubstr("uses 99% of the CPU")));
  EXPECT_THAT(diagnosis.found(), ElementsAre("cpu"));
}

TEST(SelfDiagnosisTest, ACpuQuotaThatIsUsedUpCountsTwiceInARowHoweverLittleIsUsed) {
  SelfDiagnosis diagnosis;
  EXPECT_THAT(diagnosis.note({.cpu_percent = 50, .throttled_periods = 4}), IsEmpty());
  EXPECT_THAT(diagnosis.note({.cpu_percent = 50, .throttled_periods = 4}),
              ElementsAre(HasSubstr("its CPU quota was used up 4 times")));
  EXPECT_THAT(diagnosis.found(), ElementsAre("cpu"));
}

TEST(SelfDiagnosisTest, ExhaustedPortsAndDescriptorsCountAtOnce) {
  SelfDiagnosis diagnosis;
  EXPECT_THAT(diagnosis.note({.port_failures = 7}),
              ElementsAre(HasSubstr("7 requests found no free local port")));
  EXPECT_THAT(diagnosis.note({.descriptor_failures = 2, .open_files = 90, .open_file_limit = 100}),
              ElementsAre(HasSubstr("90 of 100 file descriptors are open and 2 requests")));
  EXPECT_THAT(diagnosis.found(), ElementsAre("ports", "descriptors"));
}

TEST(SelfDiagnosisTest, DescriptorsAreSaidBeforeTheyRunOutAndATestBeginsAnew) {
  SelfDiagnosis diagnosis;
  EXPECT_THAT(diagnosis.note({.open_files = 950, .open_file_limit = 1000}),
              ElementsAre(HasSubstr("950 of 1000 file descriptors")));
  EXPECT_THAT(diagnosis.note({.open_files = 10}), IsEmpty()) << "no limit is known";
  diagnosis.begin_test();
  EXPECT_THAT(diagnosis.found(), IsEmpty());
  EXPECT_EQ(diagnosis.note({.open_files = 950, .open_file_limit = 1000}).size(), 1U);
}

TEST(SelfDiagnosisTest, MoreUsersThanDescriptorsAreSaidOncePerTest) {
  SelfDiagnosis diagnosis;
  EXPECT_EQ(diagnosis.note_target(1000 - 32, 1000), std::nullopt);
  const auto line = diagnosis.note_target(1000, 1000);
  ASSERT_NE(line, std::nullopt);
  EXPECT_THAT(*line, HasSubstr("asked for 1000 users"));
  EXPECT_THAT(*line, HasSubstr("may open 1000 files only"));
  EXPECT_EQ(diagnosis.note_target(2000, 1000), std::nullopt) << "said already";
  diagnosis.begin_test();
  EXPECT_NE(diagnosis.note_target(1000, 1000), std::nullopt);
  diagnosis.begin_test();
  EXPECT_EQ(diagnosis.note_target(1000, 0), std::nullopt) << "no limit is known";
  EXPECT_THAT(diagnosis.found(), IsEmpty()) << "nothing has failed yet";
}

TEST(LoopMonitorTest, MeasuresByHowMuchTheLoopIsLate) {
  fakes::SimulatedLoop loop;
  LoopMonitor monitor(loop, 100ms);
  loop.advance(1s);
  EXPECT_EQ(monitor.take().worst, 0ms);
  loop.manual_clock().advance(350ms);  // something held the loop
  loop.advance(1s);
  const LoopMonitor::Sample sample = monitor.take();
  EXPECT_GE(sample.worst, 300ms);
  EXPECT_LE(sample.worst, 350ms);
  EXPECT_EQ(sample.late_ticks, 1U);
  EXPECT_EQ(monitor.take().late_ticks, 0U) << "taken";
}

}  // namespace
}  // namespace locust::worker
