#include "master/cluster/test_results.h"

#include "tests/unit/master/cluster/parts_fixture.h"

namespace locust::master {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TestResultsTest : public PartsTest {
 protected:
  WorkerNode& take_part(const std::string& id) {
    WorkerNode& worker = join(id);
    results_.worker_takes_part(worker);
    return worker;
  }
  void report(WorkerNode& worker, int requests, int failures = 0) {
    RequestStats stats(clock_.wall_time(), StatsRole::kWorker);
    for (int i = 0; i < requests; ++i) {
      stats.log_request(clock_.wall_time(), "GET", "/", Number(5), 1);
    }
    for (int i = 0; i < failures; ++i) stats.log_error(clock_.wall_time(), "GET", "/", "bad");
    StatsReport stripped = stats.get_stripped_report(clock_.wall_time());
    results_.take_report(worker, stripped);
  }

  std::optional<double> began() const {
    Snapshot snapshot;
    results_.fill(snapshot);
    return snapshot.start_time;
  }

  RunClock clock_{loop_.clock()};
  TestResults results_{clock_, registry_, {}};
};

TEST_F(TestResultsTest, ReportsCountOnceTheWorkerHasAnsweredTheTestsFirstOrder) {
  results_.begin_test();
  WorkerNode& worker = join("a_1");
  report(worker, 3);
  EXPECT_EQ(results_.stats().total().num_requests, 0) << "of the test before";
  results_.worker_takes_part(worker);
  report(worker, 3);
  EXPECT_EQ(results_.stats().total().num_requests, 3);
  results_.begin_test();
  report(worker, 3);
  EXPECT_EQ(results_.stats().total().num_requests, 0);
}

TEST_F(TestResultsTest, ATestStartsWithNothingOfTheLastOne) {
  results_.begin_test();
  WorkerNode& worker = take_part("a_1");
  worker.cpu_usage = 95;
  report(worker, 1, 1);
  results_.take_exception(worker, "m", "t");
  results_.take_cpu_usage(worker);
  results_.take_limits(worker, {"cpu"});
  results_.note_unfinished(worker, "x.py:1");
  results_.add_loss(worker, WorkerLoss::Kind::kQuit, 5);
  EXPECT_FALSE(results_.exceptions().empty());
  EXPECT_TRUE(results_.cpu_warning_emitted());
  EXPECT_THAT(results_.generator_bound(), ElementsAre("a_1"));
  EXPECT_EQ(results_.unfinished_count(), 1U);
  EXPECT_EQ(results_.losses().count(), 1U);
  loop_.advance(seconds(5));
  results_.begin_test();
  EXPECT_EQ(began(), clock_.wall_time());
  EXPECT_TRUE(results_.stats().errors().empty());
  EXPECT_TRUE(results_.exceptions().empty());
  EXPECT_FALSE(results_.cpu_warning_emitted());
  EXPECT_THAT(results_.generator_bound(), IsEmpty());
  EXPECT_EQ(results_.unfinished_count(), 0U);
  EXPECT_EQ(results_.losses().count(), 0U);
}

TEST_F(TestResultsTest, AResetKeepsTheTestAndOneAfterARampTheExceptionsToo) {
  results_.begin_test();
  WorkerNode& worker = take_part("a_1");
  report(worker, 1);
  results_.take_exception(worker, "m", "t");
  const double time = *began();
  loop_.advance(seconds(5));
  results_.reset_statistics();
  EXPECT_EQ(results_.stats().total().num_requests, 0);
  EXPECT_THAT(results_.exceptions().views(), SizeIs(1));
  results_.reset();
  EXPECT_TRUE(results_.exceptions().empty());
  EXPECT_EQ(began(), time);
  report(worker, 1);
  EXPECT_EQ(results_.stats().total().num_requests, 1);
}

TEST_F(TestResultsTest, ALastReportIsDueUntilItHasComeOrCannotCome) {
  results_.begin_test();
  WorkerNode& a = take_part("a_1");
  WorkerNode& b = take_part("b_1");
  join("late_1");
  report(a, 1);
  loop_.advance(seconds(4));
  ASSERT_THAT(results_.undelivered(), SizeIs(2));
  EXPECT_EQ(results_.undelivered()[0].since_report, seconds(4));
  EXPECT_FALSE(results_.undelivered()[1].since_report);
  a.last_report = LastReport::kSent;
  results_.note_unfinished(b, "x.py:1 in go");
  results_.note_unfinished(b, "again");
  EXPECT_THAT(results_.undelivered(), IsEmpty());
  ASSERT_THAT(results_.unfinished(), SizeIs(1));
  EXPECT_EQ(results_.unfinished()[0].held_up_by, "x.py:1 in go");
  results_.begin_test();
  results_.worker_takes_part(b);
  EXPECT_THAT(results_.undelivered(), SizeIs(1)) << "in the next test it is due again";
}

TEST_F(TestResultsTest, NothingHasHappenedOnlyIfThatIsKnown) {
  const auto begin = [this]() -> WorkerNode& {
    results_.begin_test();
    return take_part("a_1");
  };
  WorkerNode& worker = begin();
  EXPECT_FALSE(results_.nothing_happened()) << "a stock worker does not count tasks";
  results_.count_tasks(worker, 0);
  EXPECT_TRUE(results_.nothing_happened());
  results_.count_tasks(worker, 1);
  EXPECT_FALSE(results_.nothing_happened());
  report(begin(), 1);
  EXPECT_FALSE(results_.nothing_happened());
  results_.take_exception(begin(), "m", "t");
  EXPECT_FALSE(results_.nothing_happened());
  results_.add_loss(begin(), WorkerLoss::Kind::kQuit, 1);
  EXPECT_FALSE(results_.nothing_happened());
  results_.note_unfinished(begin(), "");
  EXPECT_FALSE(results_.nothing_happened());
  begin();
  EXPECT_TRUE(results_.nothing_happened());
}

TEST_F(TestResultsTest, TimesAreCorrectedByTheWorkersClock) {
  results_.begin_test();
  WorkerNode& worker = take_part("a_1");
  for (int i = 0; i < 4; ++i) {
    const double sent = clock_.wall_time() - 1000;  // by the worker's clock
    loop_.advance(seconds(3));
    worker.clock.observe(sent, clock_.wall_time());
  }
  RequestStats stats(clock_.wall_time() - 1000, StatsRole::kWorker);
  stats.log_request(clock_.wall_time() - 1000, "GET", "/", Number(5), 1);
  StatsReport late = stats.get_stripped_report(clock_.wall_time() - 1000);
  results_.take_report(worker, late);
  EXPECT_NEAR(late.stats_total.start_time, clock_.wall_time(), 2);
}

TEST_F(TestResultsTest, ASnapshotHasTheStateOfTheTest) {
  results_.begin_test();
  report(take_part("a_1"), 2);
  Snapshot snapshot;
  results_.fill(snapshot);
  EXPECT_EQ(snapshot.start_time, clock_.wall_time());
  EXPECT_EQ(snapshot.stats.total.num_requests, 2);
}

// ---- ExceptionLog ----

TEST(ExceptionLog, IsBoundedInKindsNodesAndBytes) {
  LimitWarnings warnings;
  ExceptionLog log(warnings);
  for (std::size_t i = 0; i < 2 * ExceptionLog::kMaxKinds; ++i) {
    log.add("a_1", "m", std::to_string(i));
  }
  EXPECT_THAT(log.views(), SizeIs(ExceptionLog::kMaxKinds));
  for (std::size_t i = 0; i < 2 * ExceptionLog::kMaxNodesPerKind; ++i) {
    log.add("w_" + std::to_string(i), "m", "0");
  }
  EXPECT_THAT(log.views()[0].nodes, SizeIs(ExceptionLog::kMaxNodesPerKind));
  EXPECT_EQ(log.views()[0].count,
            1 + 2 * static_cast<std::int64_t>(ExceptionLog::kMaxNodesPerKind));
  log.clear();
  EXPECT_TRUE(log.empty());
  const std::string large(ExceptionLog::kMaxTextBytes, 'x');
  for (std::size_t i = 0; i < 200; ++i) log.add("a_1", large, std::to_string(i) + large);
  EXPECT_LT(log.views().size(), 1 + ExceptionLog::kMaxBytes / ExceptionLog::kMaxTextBytes);
  EXPECT_FALSE(log.empty());
}

}  // namespace
}  // namespace locust::master
