// Workers whose clocks are off, and what the master's statistics make of their reports; in simulated
// time.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "common/base/log.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

using testing::HasSubstr;
using testing::Not;

class WorkerClocksTest : public MasterTest {
 protected:
  WorkerClocksTest() { log::capture(std::make_shared<spdlog::sinks::ostream_sink_st>(log_)); }
  ~WorkerClocksTest() override { log::capture(nullptr); }

  ScriptedWorker& join_ahead(double ahead) {
    ScriptedWorker::Options options;
    options.clock_ahead = ahead;
    return join("a_" + std::to_string(workers_.size()), options);
  }
  // Each worker makes ten requests a second, of which one fails.
  void run(int secs) {
    for (int i = 0; i < secs * 10; ++i) {
      for (const auto& worker : workers_) {
        worker->stats().log_request(worker->wall_time(), "GET", "/", Number(5), 1);
        if (i % 10 == 0) worker->stats().log_error(worker->wall_time(), "GET", "/", "bad");
      }
      loop_.advance(milliseconds(100));
    }
  }
  double now() const { return loop_.clock().wall_time(); }

  std::ostringstream log_;
};

TEST_F(WorkerClocksTest, AnHourDoesNotDistortRates) {
  master();
  for (const double ahead : {3600.0, -3600.0, 0.0}) join_ahead(ahead);
  const double began = now();
  master().start(3, 3);
  run(30);
  const SnapshotPtr snapshot = master().snapshot();
  const StatsRow& total = snapshot->stats.total;
  EXPECT_GE(total.num_requests, 27 * 30);
  EXPECT_NEAR(total.total_rps, 30, 1);
  EXPECT_NEAR(total.current_rps, 30, 1);
  EXPECT_NEAR(total.current_fail_per_sec, 3, 0.5);
  EXPECT_NEAR(*snapshot->start_time, began, 0.1);
  EXPECT_NEAR(master().stats().total().start_time, began, 0.1);
  EXPECT_NEAR(*master().stats().total().last_request_timestamp, now(), 3.2);
  EXPECT_GE(*master().stats().errors().at(0).second.first_seen, began);
  EXPECT_LE(*master().stats().errors().at(0).second.last_seen, now());
  ASSERT_EQ(snapshot->workers.size(), 3U);
  EXPECT_NEAR(snapshot->workers[0].clock_ahead, 3600, 0.1);
  EXPECT_NEAR(snapshot->workers[1].clock_ahead, -3600, 0.1);
  EXPECT_NEAR(snapshot->workers[2].clock_ahead, 0, 0.1);
  EXPECT_THAT(log_.str(), HasSubstr("s ahead of this master's"));
  EXPECT_THAT(log_.str(), HasSubstr("s behind this master's"));
}

TEST_F(WorkerClocksTest, AClockThatIsSetDuringTheTestDistortsSecondsOnly) {
  master();
  ScriptedWorker& worker = join_ahead(0);
  join_ahead(0);
  master().start(2, 2);
  run(20);
  worker.set_clock_ahead(-3600);
  run(30);
  const SnapshotPtr snapshot = master().snapshot();
  EXPECT_NEAR(snapshot->stats.total.total_rps, 20, 1);
  EXPECT_NEAR(snapshot->stats.total.current_rps, 20, 1);
}

// The workers' clocks as they were: their machines' are others.
TEST_F(WorkerClocksTest, TheMastersOwnClockMayBeSetDuringTheTest) {
  for (const double step : {3600.0, -3600.0}) {
    SCOPED_TRACE(step);
    master_.reset();
    workers_.clear();
    make_master();
    ScriptedWorker& first = join_ahead(0);
    ScriptedWorker& second = join_ahead(0);
    master().start(2, 2);
    run(20);
    const double began = *master().snapshot()->start_time;
    loop_.manual_clock().step_wall_time(step);
    for (ScriptedWorker* worker : {&first, &second}) worker->set_clock_ahead(-step);
    run(30);
    const SnapshotPtr snapshot = master().snapshot();
    EXPECT_EQ(*snapshot->start_time, began);
    EXPECT_NEAR(snapshot->time - began, 50, 0.1);
    EXPECT_NEAR(snapshot->stats.total.total_rps, 20, 1);
    EXPECT_NEAR(snapshot->stats.total.current_rps, 20, 1);
    for (const WorkerView& worker : snapshot->workers) EXPECT_NEAR(worker.clock_ahead, 0, 0.1);
    master().stop();
    loop_.advance(seconds(2));
    master().start(2, 2);
    EXPECT_NEAR(*master().snapshot()->start_time, now(), 0.1)
        << "the next test begins by the new time";
    run(20);
    EXPECT_NEAR(master().snapshot()->stats.total.total_rps, 20, 2);
  }
}

// Stock workers report by their machine's clock.
TEST_F(WorkerClocksTest, WorkersOnTheMachineWhoseClockIsSetAreNotBlamed) {
  master();
  join_ahead(0);
  master().start(1, 1);
  run(20);
  loop_.manual_clock().step_wall_time(3600);
  run(30);
  const SnapshotPtr snapshot = master().snapshot();
  EXPECT_NEAR(snapshot->stats.total.total_rps, 10, 1);
  EXPECT_NEAR(snapshot->stats.total.current_rps, 10, 1);
  EXPECT_NEAR(snapshot->workers.at(0).clock_ahead, 0, 0.1);
  EXPECT_THAT(log_.str(), Not(HasSubstr("The clock of worker")));
}

// Whose last order came from a master whose clock was right.
TEST_F(WorkerClocksTest, OrdersAreNewerThanWhatAWorkersOwnClockSays) {
  master();
  ScriptedWorker& ahead = join_ahead(3600);
  ScriptedWorker& level = join_ahead(0);
  loop_.advance(seconds(4));
  master().start(2, 2);
  loop_.advance(seconds(1));
  EXPECT_GT(ahead.got<proto::Spawn>().at(0)->timestamp, ahead.wall_time());
  EXPECT_LT(ahead.got<proto::Spawn>().at(0)->timestamp, ahead.wall_time() + 10);
  EXPECT_NEAR(level.got<proto::Spawn>().at(0)->timestamp, now(), 1.1);
}

TEST_F(WorkerClocksTest, WithinASecondReportsStayAsTheyAre) {
  master();
  ScriptedWorker& worker = join_ahead(0.6);
  master().start(1, 1);
  run(10);
  worker.report();
  const double last = worker.wall_time() - 0.1;
  loop_.advance(milliseconds(20));
  EXPECT_DOUBLE_EQ(*master().stats().total().last_request_timestamp, last);
}

}  // namespace
}  // namespace locust::master
