// How much CPU this process may use: the affinity mask and the quota of its control group.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "common/base/result.h"

namespace locust {

// Cores that the quota amounts to, such as 1.5, the strictest of the group and those above it
// (cgroup v2 cpu.max, or v1 cpu.cfs_quota_us). Nothing: there is none, or the system does not tell.
// `root` stands for "/" in tests.
std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root = "/");

// How many periods of that quota, usually of 100 ms, ended early because it was used up, since the
// group exists.
std::uint64_t cgroup_throttled_periods(const std::filesystem::path& root = "/");

// The CPUs that this process may run on, as far as its quota pays for them, rounded up; at least 1.
int usable_cpus();

// How many workers `--processes N` means: -1 is one for each usable CPU. An error for what it cannot
// mean.
Result<int> process_count(int requested);

}  // namespace locust
