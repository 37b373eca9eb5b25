#include "common/base/clock.h"

#include <algorithm>
#include <cmath>

namespace locust {

Duration seconds(double s) {
  constexpr double kLimit = 9.0e9;  // 285 years: inside the range of 64-bit nanoseconds
  if (std::isnan(s)) return Duration::zero();
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(s, -kLimit, kLimit)));
}

TimePoint SystemClock::now() const { return std::chrono::steady_clock::now(); }

double SystemClock::wall_time() const {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace locust
