#include "common/base/cpu_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace locust {
namespace {

namespace fs = std::filesystem;

class CpuLimit : public ::testing::Test {
 protected:
  ~CpuLimit() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::optional<double> quota() const { return cgroup_cpu_quota(root_); }

  fs::path root_ = fs::path(testing::TempDir()) / ("cpu_limit_" + std::to_string(::getpid()));
};

TEST_F(CpuLimit, ThereIsNoneWhereNothingTells) {
  EXPECT_EQ(quota(), std::nullopt);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(CpuLimit, OfCgroup2TheStrictestLevelCounts) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "250000 100000\n");
  EXPECT_EQ(quota(), 2.5);
  write("sys/fs/cgroup/a/cpu.max", "50000 100000\n");
  EXPECT_EQ(quota(), 0.5);
}

TEST_F(CpuLimit, InAContainerTheMountIsTheGroup) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota(), 1.5);
  write("proc/self/cgroup", "0::/not/there\n");
  EXPECT_EQ(quota(), 1.5);
}

TEST_F(CpuLimit, Cgroup1IsUnderstood) {
  write("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/docker/x\n");
  write("sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  write("sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "300000\n");
  EXPECT_EQ(quota(), 3.0);
}

TEST_F(CpuLimit, ThrottledPeriodsAreThoseOfTheLevelThatHasMost) {
  EXPECT_EQ(cgroup_throttled_periods(root_), 0U);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 77\nnr_periods 9\nnr_throttled 3\n");
  write("sys/fs/cgroup/a/cpu.stat", "usage_usec 77\n");
  EXPECT_EQ(cgroup_throttled_periods(root_), 3U);
  write("sys/fs/cgroup/a/cpu.stat", "nr_periods 9\nnr_throttled 5\nthrottled_usec 1\n");
  EXPECT_EQ(cgroup_throttled_periods(root_), 5U);
  write("proc/self/cgroup", "4:cpu,cpuacct:/x\n");
  write("sys/fs/cgroup/cpu,cpuacct/x/cpu.stat", "nr_periods 9\nnr_throttled 8\n");
  EXPECT_EQ(cgroup_throttled_periods(root_), 8U);
}

TEST_F(CpuLimit, AProcessMayUseOneCpuAtLeast) { EXPECT_GE(usable_cpus(), 1); }

TEST(ProcessCount, MinusOneIsOnePerUsableCpu) {
  EXPECT_GE(process_count(-1).value(), 1);
  EXPECT_EQ(process_count(4).value(), 4);
  for (const int wrong : {-2, 0, 1'001}) {
    EXPECT_EQ(process_count(wrong).error(), "Invalid --processes count " + std::to_string(wrong) +
                                                ": 1 to 1000, or -1 for one on every CPU");
  }
}

}  // namespace
}  // namespace locust
