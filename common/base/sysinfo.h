// Information about this process and its machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"

namespace locust {

// The machine's name, whole and up to its first dot (stock's log lines use the latter).
std::string host_name();
std::string short_host_name();

// Resident memory of this process in bytes; 0 if unknown.
std::int64_t resident_memory_bytes();

// CPU time (user and system) that this process has used so far.
Duration process_cpu_time();

// The share of one core that this process has used between two samples, in percent (may exceed
// 100), as psutil's cpu_percent in stock's monitor_cpu_and_memory. Single-threaded.
class CpuMeter {
 public:
  explicit CpuMeter(const Clock& clock)
      : clock_(clock), wall_(clock.now()), cpu_(process_cpu_time()) {}
  // Percent since the last call or the construction.
  double sample();

 private:
  const Clock& clock_;
  TimePoint wall_;
  Duration cpu_;
};

// The number of open descriptors of this process; 0 if unknown.
std::uint64_t open_file_count();

// Raises the soft limit of open files to the hard one. Returns the new limit.
std::uint64_t raise_open_file_limit();

}  // namespace locust
