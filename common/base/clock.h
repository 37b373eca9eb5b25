// Clock: the only source of time. Everything that reads the time takes a Clock, so that tests can
// control it; clock.cc is the only file that asks the operating system.
#pragma once

#include <chrono>

namespace locust {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Seconds (as on the wire and on the command line) to Duration and back. Out-of-range values
// saturate.
Duration seconds(double s);
constexpr double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
constexpr double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

// Two clocks in one: a monotonic one for intervals, and the wall clock for times that are shown or
// sent.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // Seconds since the epoch, as Python's time.time().
  virtual double wall_time() const = 0;
};

// The machine's clocks. Stateless; usable from every thread.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  double wall_time() const override;
};

}  // namespace locust
