// Histograms as bytes, for reports between processes of ours. For the codec.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/stats/histogram.h"
#include "common/stats/stats.h"

namespace locust::proto {

// The histograms of an entry by their keys, which stand under kExtensionKey.
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

// Of all that a report holds, unpacked: small messages could unfold to many gigabytes. A report of a
// thousand names needs about a third of this: 128 MiB.
inline constexpr std::size_t kMaxHistogramBytes = std::size_t{128} << 20;

// For each bucket that is not empty, in ascending order: how far it is behind the one before (the
// first: its index), then its count, both as LEB128 numbers. Mostly two bytes a bucket.
std::string pack_histogram(const Histogram& histogram);

// Refuses what pack_histogram does not write: other orders, indexes out of range, counts that are 0
// or greater than kMaxCount, numbers cut short.
Result<Histogram> unpack_histogram(std::string_view bytes);

}  // namespace locust::proto
