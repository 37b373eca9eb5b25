#include "master/cluster/clock_offset.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace locust::master {
namespace {

// In seconds.
constexpr double kAgreement = 0.5;  // the largest gap between differences that agree
constexpr double kTolerance = 1;    // the largest offset that is not corrected
constexpr double kImplausible = 5;  // more than a report interval and its delays
constexpr double kHeldUp = 1;       // far less than a report interval

struct Span {
  double begin;
  double end;

  void confine(double& time) const {
    if (time > end + kTolerance) {
      time = end;
    } else if (time < begin - kTolerance) {
      time = begin;
    }
  }
};

void correct(std::optional<double>& time, std::int64_t correction, const Span& test) {
  // 0 stands for none, as in stock.
  if (time.value_or(0) == 0) return;
  *time += static_cast<double>(correction);
  test.confine(*time);
}

void correct(StatsEntry& entry, std::int64_t correction, const Span& test) {
  correct(entry.last_request_timestamp, correction, test);
  if (std::isfinite(entry.start_time)) {
    entry.start_time += static_cast<double>(correction);
    test.confine(entry.start_time);
  }
  for (SecondCounts* counts : {&entry.num_reqs_per_sec, &entry.num_fail_per_sec}) {
    if (correction != 0) counts->shift(correction);
    counts->confine(to_second(test.begin - kTolerance), to_second(test.end + kTolerance));
  }
}

}  // namespace

void ClockOffset::observe(double start_time, double arrival) {
  const double reset_arrival = std::exchange(reset_arrival_, arrival);
  const double sample = start_time - reset_arrival;
  if (reset_arrival == 0 || start_time == 0 || !(std::abs(sample) < kAbsurd)) return;
  // One of many that waited for a connection. It looks like a slow clock, as its neighbours may.
  if (sample <= -kImplausible && arrival - reset_arrival < kHeldUp) return;
  samples_[taken_++ % kSamples] = sample;

  const auto [least, most] =
      std::minmax_element(samples_.begin(), samples_.begin() + std::min(taken_, kSamples));
  const bool agree = taken_ >= kSamples && *most - *least < kAgreement;
  // A message with a long transit time made the clock look slow.
  const double ahead = *most;
  if (!agree && (agreed_ || std::abs(ahead) < kImplausible)) return;
  agreed_ = agreed_ || agree;
  ahead_ = ahead;
  if (std::abs(ahead + static_cast<double>(correction_)) >= kTolerance) {
    correction_ = -std::llround(ahead);
  }
}

void correct_times(StatsReport& report, std::int64_t correction, double begin, double now) {
  const Span test{begin, now};
  correct(report.stats_total, correction, test);
  for (StatsEntry& entry : report.stats) correct(entry, correction, test);
  for (auto& [key, error] : report.errors) {
    correct(error.first_seen, correction, test);
    correct(error.last_seen, correction, test);
  }
}

}  // namespace locust::master
