#include "worker/loop/self_diagnosis.h"

#include <spdlog/fmt/fmt.h>

#include <string_view>
#include <utility>

namespace locust::worker {

bool SelfDiagnosis::confirm(Symptom symptom, bool seen, Evidence needed) {
  State& state = states_[static_cast<std::size_t>(symptom)];
  const bool confirmed = seen && (state.suspected || needed == Evidence::kOnce);
  state.suspected = seen;
  if (!confirmed || state.found) return false;
  state.found = true;
  return true;
}

std::optional<std::string> SelfDiagnosis::note_target(std::uint64_t users,
                                                      std::uint64_t open_file_limit) {
  const bool enough = open_file_limit == 0 || users + kOwnFiles <= open_file_limit;
  if (enough || std::exchange(too_many_users_said_, true)) return std::nullopt;
  return fmt::format(
      "This worker is asked for {} users, each of which needs a file descriptor for its "
      "connection, but may open {} files only. Raise the hard limit (ulimit -Hn, LimitNOFILE of a "
      "systemd unit) or use more workers.",
      users, open_file_limit);
}

std::vector<std::string> SelfDiagnosis::note(const GeneratorSample& sample) {
  last_ = sample;
  std::vector<std::string> lines;
  if (confirm(Symptom::kLoop, sample.loop_lag > kLate, Evidence::kTwice)) {
    lines.push_back(fmt::format(
        "This worker limits the test: its users' loop is up to {:.0f} ms late, and response times "
        "are too long by as much. Use more workers or fewer users.",
        to_ms(sample.loop_lag)));
  }
  const bool busy = sample.cpu_percent > kBusyPercent;
  if (confirm(Symptom::kCpu, busy || sample.throttled_periods > 0, Evidence::kTwice)) {
    lines.push_back(
        busy ? fmt::format("This worker limits the test: it uses {:.0f}% of the CPU it may use. "
                           "Use more workers.",
                           sample.cpu_percent)
             : fmt::format("This worker limits the test: its CPU quota was used up {} times since "
                           "the last report, and each time it had to pause. Raise the quota of its "
                           "container or use more workers elsewhere.",
                           sample.throttled_periods));
  }
  if (confirm(Symptom::kPorts, sample.port_failures > 0, Evidence::kOnce)) {
    lines.push_back(fmt::format(
        "This worker limits the test: {} requests found no free local port. See "
        "net.ipv4.ip_local_port_range in deploy/sysctl.conf, or give it more addresses by "
        "--source-ip.",
        sample.port_failures));
  }
  const bool nearly_full =
      sample.open_file_limit > 0 && static_cast<double>(sample.open_files) >=
                                        kFullShare * static_cast<double>(sample.open_file_limit);
  if (confirm(Symptom::kDescriptors, sample.descriptor_failures > 0 || nearly_full,
              Evidence::kOnce)) {
    lines.push_back(fmt::format(
        "This worker limits the test: {} of {} file descriptors are open and {} requests found "
        "none. Raise the limit (ulimit -n) or use more workers.",
        sample.open_files, sample.open_file_limit, sample.descriptor_failures));
  }
  return lines;
}

std::vector<std::string> SelfDiagnosis::found() const {
  constexpr std::array<std::string_view, 4> kNames = {"loop", "cpu", "ports", "descriptors"};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].found) names.emplace_back(kNames[i]);
  }
  return names;
}

}  // namespace locust::worker
