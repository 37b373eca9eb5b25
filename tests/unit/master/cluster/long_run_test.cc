// What a master keeps does not grow with the hours of a test; in simulated time.

#include "tests/fakes/heap.h"
#include "tests/unit/master/cluster/master_fixture.h"

namespace locust::master {
namespace {

constexpr int kHour = 3600;

class LongRunTest : public MasterTest {
 protected:
  // Every worker makes requests of all names each second, some of which fail.
  void run(int secs, int names) {
    for (int i = 0; i < secs; ++i) {
      for (const auto& worker : workers_) {
        for (int name = 0; name < names; ++name) {
          const std::string url = "/" + std::to_string(name);
          worker->stats().log_request(worker->wall_time(), "GET", url, Number(1 + i % 500), 10);
          worker->stats().log_error(worker->wall_time(), "GET", url,
                                    "status " + std::to_string(i % 7));
        }
        if (i % 60 == 0) {
          worker->send(proto::Exception{.msg = "boom", .traceback = "the same", .extra = {}});
          worker->send(proto::Logs{.worker_id = worker->id(), .logs = {"a line"}, .extra = {}});
        }
        worker->received.clear();
      }
      loop_.advance(seconds(1));
      network_.clear_wire();
      requests_ += names * static_cast<std::int64_t>(workers_.size());
    }
  }
  // Ten hours, of which the second half must not add to what the first has left behind.
  void run_ten_hours(int workers, int names) {
    make_master({.percentiles = {0.5, 0.99}});
    for (int i = 0; i < workers; ++i) join("a_" + std::to_string(i));
    master().start(workers, workers);
    run(5 * kHour, names);
    const std::size_t after_five = fakes::heap_in_use();
    run(5 * kHour, names);
    EXPECT_LE(fakes::heap_in_use(), after_five + (64U << 10));

    std::vector<const StatsEntry*> rows = {&master().stats().total()};
    for (const StatsEntry& entry : master().stats().entries()) rows.push_back(&entry);
    EXPECT_EQ(rows.size(), 1U + static_cast<std::size_t>(names));
    for (const StatsEntry* row : rows) {
      EXPECT_LE(row->num_reqs_per_sec.seconds().size(), SecondCounts::kMaxSeconds);
      EXPECT_LE(row->num_fail_per_sec.seconds().size(), SecondCounts::kMaxSeconds);
    }
    EXPECT_EQ(master().stats().errors().size(), 7U * static_cast<std::size_t>(names));
    const StatsRow total = master().snapshot()->stats.total;
    EXPECT_NEAR(total.current_rps, workers * names, 0.01);
    EXPECT_GE(total.num_requests, requests_ - 4 * workers * names) << "but for the last report";
  }

  std::int64_t requests_ = 0;
};

TEST_F(LongRunTest, MemoryDoesNotGrowWithTheHoursOfATest) { run_ten_hours(2, 4); }

}  // namespace
}  // namespace locust::master
