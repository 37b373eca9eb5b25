// How much CPU this process may use: the affinity mask and the quota of its control group.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "common/base/result.h"

namespace locust {

// The quota in cores, such as 1.5: the strictest of the control group and its ancestors (cgroup v2
// cpu.max, or v1 cpu.cfs_quota_us). nullopt if there is none or it cannot be read. `root` replaces
// "/" in tests.
std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root = "/");

// How many periods of that quota, usually of 100 ms, were throttled since the group was created.
std::uint64_t cgroup_throttled_periods(const std::filesystem::path& root = "/");

// How many CPUs this process may use, by its affinity mask and its quota, rounded up; at least 1.
int usable_cpus();

// The number of workers that `--processes N` means: -1 is one per usable CPU. An error for any
// other number below 1.
Result<int> process_count(int requested);

}  // namespace locust
