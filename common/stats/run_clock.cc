#include "common/stats/run_clock.h"

namespace locust {

double RunClock::synchronize() {
  const double stepped = drift();
  began_ = clock_.now();
  began_wall_ = clock_.wall_time();
  return stepped;
}

}  // namespace locust
