// Histograms in packed form, for reports between native processes. For the codec.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/stats/histogram.h"
#include "common/stats/stats.h"

namespace locust::proto {

// The histograms of an entry by their keys, within kExtensionKey.
struct PreciseField {
  std::string_view key;
  Histogram PreciseTimes::*histogram;
};
inline constexpr PreciseField kPreciseFields[] = {
    {"response_time", &PreciseTimes::response_time},
    {"dns", &PreciseTimes::dns},
    {"connect", &PreciseTimes::connect},
    {"tls", &PreciseTimes::tls},
    {"first_byte", &PreciseTimes::first_byte},
};

// The limit for all unpacked histograms of a report, because small messages could expand to many
// gigabytes. A report of a thousand names needs about a third of it: 128 MiB.
inline constexpr std::size_t kMaxHistogramBytes = std::size_t{128} << 20;

// For each non-empty bucket in ascending order: its distance from the previous one (for the first,
// its index), then its count, both as LEB128 numbers. Usually two bytes per bucket.
std::string pack_histogram(const Histogram& histogram);

// Fails on anything that pack_histogram does not write: other orders, indexes out of range, counts
// that are 0 or above kMaxCount, truncated numbers.
Result<Histogram> unpack_histogram(std::string_view bytes);

}  // namespace locust::proto
