// What the page sees of a run.
#include "master/run/run_recorder.h"

#include "tests/unit/master/run/run_controller_fixture.h"

namespace locust::master {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecorderTest : public RunControllerTest {
 protected:
  void see(int seconds_long) {
    for (int i = 0; i < seconds_long; ++i) {
      loop_.advance(seconds(1));
      const SnapshotPtr snapshot = master_->snapshot();
      recorder_->see(*snapshot, run_->plan());
      view_ = recorder_->view(snapshot, run_->verdicts(), run_->form());
    }
  }
  void begin_recorded(const char* yaml = nullptr) {
    begin(yaml);
    recorder_.emplace(*master_, 1);
    join("w_1");
    see(4);
  }
  std::vector<HistoryMarker::Kind> kinds() const {
    std::vector<HistoryMarker::Kind> result;
    for (const HistoryMarker& marker : view_->history.markers) result.push_back(marker.kind);
    return result;
  }

  std::optional<RunRecorder> recorder_;
  RunViewPtr view_;
};

TEST_F(RecorderTest, ATestHasAHistoryFromItsStartToItsEnd) {
  using Kind = HistoryMarker::Kind;
  begin_recorded();
  EXPECT_EQ(view_->run.id, 0);
  EXPECT_THAT(view_->history.points, IsEmpty());
  (void)ask({.user_count = 5, .spawn_rate = 5, .host = "http://a", .run_time = 60});
  see(10);
  EXPECT_EQ(view_->run.id, 1);
  EXPECT_EQ(view_->run.target_user_count, 5);
  EXPECT_EQ(view_->run.host, "http://a");
  EXPECT_EQ(view_->run.run_time, 60);
  EXPECT_EQ(view_->run.end_time, std::nullopt);
  EXPECT_EQ(view_->tasks_users.at("Shop"), 5);
  run_->stop();
  see(3);
  ASSERT_TRUE(view_->run.end_time);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStart, Kind::kStop, Kind::kEnd));
  EXPECT_GE(view_->history.points.size(), 10);
  EXPECT_EQ(view_->history.points.at(5)->user_count, 5);
  EXPECT_EQ(view_->tasks_users.at("Shop"), 5);
  const std::size_t points = view_->history.points.size();
  see(20);
  EXPECT_EQ(view_->history.points.size(), points);

  (void)ask({.user_count = 1, .spawn_rate = 1});
  see(1);
  EXPECT_EQ(view_->run.id, 2);
  EXPECT_EQ(view_->run.end_time, std::nullopt);
  EXPECT_THAT(view_->history.points, IsEmpty());
}

TEST_F(RecorderTest, AResetIsMarkedAndLosesNoSecond) {
  reset_stats_ = true;
  begin_recorded();
  (void)ask({.user_count = 5, .spawn_rate = 2});
  see(1);
  for (int i = 0; i < 20; ++i) {
    worker().stats().log_request(worker().wall_time(), "GET", "/", Number(i < 2 ? 900 : 100), 0);
    see(1);
  }
  see(3);  // the last report
  run_->stop();
  see(3);
  using Kind = HistoryMarker::Kind;
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStart, Kind::kReset, Kind::kStop, Kind::kEnd));
  double requests = 0;
  for (const auto& point : view_->history.points) {
    requests += point->requests;
    if (point->average) {
      EXPECT_GE(*point->average, 100);
    }
  }
  EXPECT_EQ(requests, 20);
}

// The worker is on the same machine, whose clock is set during the test.
TEST_F(RecorderTest, TheReportShowsAWorkersClockAsTheSnapshotDoes) {
  begin_recorded();
  (void)ask({.user_count = 1, .spawn_rate = 1});
  see(20);
  loop_.manual_clock().step_wall_time(3600);
  see(20);
  const SnapshotPtr snapshot = master_->snapshot();
  ASSERT_EQ(snapshot->workers.size(), 1);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_NEAR(snapshot->workers[0].clock_ahead, 0, 0.1);
  EXPECT_EQ(view_->test_workers[0].clock_ahead, snapshot->workers[0].clock_ahead);
}

TEST_F(RecorderTest, WorkersThatHaveQuitAreStillThoseOfTheTest) {
  begin_recorded();
  join("w_2");
  see(4);
  EXPECT_EQ(view_->test_workers.size(), 2) << "before the first test those that are connected";
  (void)ask({.user_count = 6, .spawn_rate = 100});
  see(3);
  join("late_3");
  see(4);
  ASSERT_EQ(view_->test_workers.size(), 3);
  run_->interrupt();
  see(2);
  EXPECT_THAT(view_->snapshot->workers, IsEmpty());
  std::int64_t users = 0;
  for (const WorkerView& worker : view_->test_workers) {
    EXPECT_EQ(worker.state, "running") << worker.id;
    users += worker.user_count;
  }
  EXPECT_EQ(users, 6) << "those at the end of the test";
}

TEST_F(RecorderTest, AWorkerThatLeftDuringTheTestIsSaidToBeGone) {
  begin_recorded();
  join("w_2");
  see(4);
  (void)ask({.user_count = 6, .spawn_rate = 100});
  see(3);
  workers_.at(1)->send(proto::Quit{});
  see(1);
  ASSERT_EQ(view_->test_workers.size(), 2);
  EXPECT_EQ(view_->test_workers[0].state, "running");
  EXPECT_EQ(view_->test_workers[1].state, "gone");
}

TEST_F(RecorderTest, WorkersOfATestTooShortToBeSeenAreKnown) {
  begin_recorded();
  (void)ask({.user_count = 1, .spawn_rate = 100});
  loop_.advance(milliseconds(100));
  run_->interrupt();
  see(2);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_EQ(view_->test_workers[0].id, "w_1");
}

TEST_F(RecorderTest, WorkersOfOneTestAreNotThoseOfTheNext) {
  begin_recorded();
  join("w_2");
  see(4);
  (void)ask({.user_count = 2, .spawn_rate = 100});
  see(2);
  run_->stop();
  see(2);
  workers_.at(1)->freeze();
  see(6);
  EXPECT_EQ(view_->test_workers.size(), 2);
  (void)ask({.user_count = 2, .spawn_rate = 100});
  see(2);
  ASSERT_EQ(view_->test_workers.size(), 1);
  EXPECT_EQ(view_->test_workers[0].id, "w_1");
}

TEST_F(RecorderTest, HostsAreTheClassesUnlessOneIsGiven) {
  begin();
  recorder_.emplace(*master_, 1);
  join("w_1",
       {.classes = {"Admin", "Guest", "Shop"},
        .hosts = {{"Admin", "http://admin"}, {"Guest", "http://shop"}, {"Shop", "http://shop"}}});
  see(4);
  (void)ask({.user_count = 3, .spawn_rate = 100});
  see(2);
  EXPECT_EQ(view_->run.host, std::nullopt);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://admin", "http://shop"));
  run_->stop();
  see(2);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://admin", "http://shop"));
  (void)ask({.user_count = 3, .spawn_rate = 100, .host = "http://b"});
  see(2);
  EXPECT_THAT(view_->run.hosts, ElementsAre("http://b"));
}

TEST_F(RecorderTest, VersionsGrowWithWhatChanges) {
  begin_recorded();
  const ViewVersions before = view_->versions;
  see(1);
  EXPECT_EQ(view_->versions.entries, before.entries);
  EXPECT_EQ(view_->versions.failures, before.failures);
  EXPECT_EQ(view_->versions.form, before.form);
  (void)ask({.user_count = 1, .spawn_rate = 1});
  see(1);
  worker().stats().log_request(worker().wall_time(), "GET", "/", 1, 0);
  worker().stats().log_error(worker().wall_time(), "GET", "/", "oops");
  see(5);
  EXPECT_GT(view_->versions.entries, before.entries);
  EXPECT_GT(view_->versions.failures, before.failures);
  EXPECT_GT(view_->versions.tasks, before.tasks);
  EXPECT_GT(view_->versions.workers, before.workers);
}

TEST_F(RecorderTest, SharesOfTasksAreTheOwnFilesUntilAWorkerReportsItsOwn) {
  begin_recorded(
      "users: {Shop: {tasks: {a: {weight: 3, steps: [get: /]}, b: [get: /], c: [get: /]}}}\n");
  const auto shares = [this] { return view_->classes.at(0).tasks; };
  EXPECT_THAT(shares(), ElementsAre(TaskRatio{"a", 0.6}, TaskRatio{"b", 0.2}, TaskRatio{"c", 0.2}));
  EXPECT_TRUE(run_->update_user_class({"Shop", {{"tasks", proto::Value::Array{"b", "c"}}}}));
  see(1);
  EXPECT_THAT(shares(), ElementsAre(TaskRatio{"b", 0.5}, TaskRatio{"c", 0.5}));
}

TEST_F(RecorderTest, SeriesOfMetricsAreBounded) {
  begin_recorded();
  swarm(1);
  for (int i = 0; i < 300; ++i) {
    worker().stats().log_request(worker().wall_time(), "GET", "/" + std::to_string(i), 1, 0);
  }
  see(5);
  EXPECT_EQ(view_->metrics.size(), RunRecorder::kMaxMetricNames);
  EXPECT_EQ(view_->metrics_total.num_requests, 300);
  EXPECT_EQ(view_->snapshot->stats.entries.size(), 300);
}

}  // namespace
}  // namespace locust::master
