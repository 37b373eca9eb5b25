#include "common/base/cpu_limit.h"

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

// Version 2: "150000 100000" or "max 100000".
std::optional<double> quota_of(const fs::path& group) {
  double quota = 0;
  double period = 0;
  std::ifstream both(group / "cpu.max");
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  const bool told = (both >> quota >> period) || ((quota_file >> quota) && (period_file >> period));
  if (!told || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// Both versions: "nr_periods 5\nnr_throttled 2\n…".
std::uint64_t throttled_of(const fs::path& group) {
  std::ifstream file(group / "cpu.stat");
  std::string name;
  for (std::uint64_t value = 0; file >> name >> value;) {
    if (name == "nr_throttled") return value;
  }
  return 0;
}

bool names_controller(const std::string& list, const std::string& name) {
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == name) return true;
  }
  return false;
}

// Visits the folder of `group`, relative to `mount`, and those above it. Inside a container the
// group's own path often does not exist, and the mount is the group.
template <typename Visit>
void for_each_level(const fs::path& mount, fs::path group, Visit visit) {
  while (true) {
    visit(mount / group);
    if (group.empty()) return;
    group = group.parent_path();
  }
}

// Visits the folders of all groups that limit this process's CPU.
template <typename Visit>
void for_each_group(const fs::path& root, Visit visit) {
  std::ifstream groups(root / "proc/self/cgroup");
  const fs::path mount = root / "sys/fs/cgroup";
  // "0::/user.slice/x" is version 2, "4:cpu,cpuacct:/docker/x" version 1.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = fs::path(line.substr(second + 1)).relative_path();
    if (controllers.empty()) {
      for_each_level(mount, group, visit);
    } else if (names_controller(controllers, "cpu")) {
      for_each_level(mount / "cpu", group, visit);
      for_each_level(mount / controllers, group, visit);
    }
  }
}

}  // namespace

std::optional<double> cgroup_cpu_quota(const fs::path& root) {
  std::optional<double> strictest;
  for_each_group(root, [&](const fs::path& group) {
    if (const auto quota = quota_of(group))
      strictest = std::min(strictest.value_or(*quota), *quota);
  });
  return strictest;
}

std::uint64_t cgroup_throttled_periods(const fs::path& root) {
  std::uint64_t most = 0;
  for_each_group(root, [&](const fs::path& group) { most = std::max(most, throttled_of(group)); });
  return most;
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
