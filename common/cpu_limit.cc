#include "common/cpu_limit.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

namespace locust {
namespace {

namespace fs = std::filesystem;

// "150000 100000" or "max 100000".
std::optional<double> quota_v2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<double> quota_v1(const fs::path& group) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota) || !(period_file >> period)) return std::nullopt;
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// The smallest quota of `group`, relative to `mount`, and those above it. Inside a container the
// group's own path is often not there, and the mount is the group.
template <typename Quota>
std::optional<double> strictest(const fs::path& mount, fs::path group, Quota quota) {
  std::optional<double> found;
  while (true) {
    if (const auto limit = quota(mount / group)) found = std::min(found.value_or(*limit), *limit);
    if (group.empty()) return found;
    group = group.parent_path();
  }
}

bool names_controller(const std::string& list, const std::string& name) {
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == name) return true;
  }
  return false;
}

}  // namespace

std::optional<double> cgroup_cpu_quota(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  const fs::path mount = root / "sys/fs/cgroup";
  std::optional<double> found;
  // "0::/user.slice/x" is v2, "4:cpu,cpuacct:/docker/x" v1.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = fs::path(line.substr(second + 1)).relative_path();
    std::optional<double> limit;
    if (controllers.empty()) {
      limit = strictest(mount, group, quota_v2);
    } else if (names_controller(controllers, "cpu")) {
      limit = strictest(mount / "cpu", group, quota_v1);
      if (!limit) limit = strictest(mount / controllers, group, quota_v1);
    }
    if (limit) found = std::min(found.value_or(*limit), *limit);
  }
  return found;
}

int usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = ::sched_getaffinity(0, sizeof set, &set) == 0
                 ? CPU_COUNT(&set)
                 : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  if (const auto quota = cgroup_cpu_quota()) {
    cpus = std::min(cpus, static_cast<int>(std::ceil(*quota)));
  }
  return std::max(cpus, 1);
}

Result<int> process_count(int requested) {
  constexpr int kMax = 1'000;
  if (requested == -1) return usable_cpus();
  if (requested >= 1 && requested <= kMax) return requested;
  return Error{"Invalid --processes count " + std::to_string(requested) + ": 1 to " +
               std::to_string(kMax) + ", or -1 for one on every CPU"};
}

}  // namespace locust
