#include "common/stats/histogram.h"

#include <algorithm>
#include <bit>
#include <chrono>

#include "common/base/number.h"

namespace locust {
namespace {

constexpr int kSubBits = 9;  // 512 buckets for each power of two
constexpr std::uint64_t kSub = std::uint64_t{1} << kSubBits;
constexpr std::uint64_t kExact = 2 * kSub;  // below, every microsecond is a bucket

}  // namespace

std::size_t Histogram::index_of(Duration duration) {
  using std::chrono::microseconds;
  const Duration bounded = std::clamp(duration, Duration::zero(), Duration(kMax));
  const auto us = static_cast<std::uint64_t>(std::chrono::round<microseconds>(bounded).count());
  if (us < kExact) return us;
  const int shift = static_cast<int>(std::bit_width(us)) - 1 - kSubBits;
  return static_cast<std::size_t>(shift) * kSub + (us >> shift);
}

Duration Histogram::value_of(std::size_t index) {
  if (index < kExact) return std::chrono::microseconds(index);
  const auto shift = index / kSub - 1;
  const std::uint64_t low = (index - shift * kSub) << shift;
  const std::uint64_t width = std::uint64_t{1} << shift;
  return std::chrono::microseconds(low + width / 2);
}

void Histogram::add(Bucket bucket) {
  if (places_.empty()) places_.resize((kBuckets + kGroup - 1) / kGroup);
  std::uint8_t& place = places_[bucket.index / kGroup];
  if (place == 0) {
    counts_.resize(counts_.size() + kGroup);
    place = static_cast<std::uint8_t>(counts_.size() / kGroup);
  }
  std::int64_t& count = counts_[(place - 1U) * kGroup + bucket.index % kGroup];
  count = saturating_add(count, bucket.count);
  count_ = saturating_add(count_, bucket.count);
}

template <typename See>
void Histogram::walk(See see) const {
  for (std::size_t group = 0; group < places_.size(); ++group) {
    if (places_[group] == 0) continue;
    const std::int64_t* counts = &counts_[(places_[group] - 1U) * kGroup];
    for (std::size_t i = 0; i < kGroup; ++i) {
      if (counts[i] != 0 && !see(Bucket{group * kGroup + i, counts[i]})) return;
    }
  }
}

void Histogram::merge(const Histogram& other) {
  other.walk([this](const Bucket& bucket) {
    add(bucket);
    return true;
  });
}

void Histogram::clear() {
  count_ = 0;
  places_.clear();
  counts_.clear();
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> buckets;
  walk([&](const Bucket& bucket) {
    buckets.push_back(bucket);
    return true;
  });
  return buckets;
}

std::int64_t Histogram::count_of(std::size_t index) const {
  const std::uint8_t place = places_.empty() ? 0 : places_[index / kGroup];
  return place == 0 ? 0 : counts_[(place - 1U) * kGroup + index % kGroup];
}

std::optional<Duration> Histogram::percentile_since(const Histogram& old, double percent) const {
  const std::int64_t added = count_ - old.count_;
  if (added <= 0) return std::nullopt;
  const std::int64_t rank =
      std::min(Number(static_cast<double>(added) * percent).to_int(), added - 1);
  std::optional<Duration> value;
  std::int64_t seen = 0;
  walk([&](const Bucket& bucket) {
    const std::int64_t count = bucket.count - old.count_of(bucket.index);
    if (count <= 0) return true;
    seen = saturating_add(seen, count);
    value = value_of(bucket.index);
    return seen <= rank;
  });
  return value;
}

}  // namespace locust
