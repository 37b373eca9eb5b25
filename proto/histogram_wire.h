// Histograms as bytes, for reports between processes of ours. For the codec.
#pragma once

#include <string>
#include <string_view>

#include "common/histogram.h"
#include "common/result.h"

namespace locust::proto {

// For each bucket that is not empty, in ascending order: how far it is behind the one before (the
// first: its index), then its count, both as LEB128 numbers. Mostly two bytes a bucket.
std::string pack_histogram(const Histogram& histogram);

// Refuses what pack_histogram does not write: other orders, indexes out of range, counts that are 0
// or greater than kMaxCount, numbers cut short.
Result<Histogram> unpack_histogram(std::string_view bytes);

}  // namespace locust::proto
