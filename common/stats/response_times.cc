#include "common/stats/response_times.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace locust {
namespace {

constexpr std::int64_t kWindowSeconds = 10;    // CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW
constexpr std::int64_t kToleranceSeconds = 8;  // how far a copy may be from the window's start

// Nearest multiple of `base`, ties to the even multiple. Every step before the last addition is
// exact, so the result is what Python's correctly rounded round(value, -n) gives.
double round_to(double value, double base) {
  const double rest = std::fmod(value, base);
  const double below = value - rest;
  const bool odd = std::fmod(below / base, 2.0) != 0.0;
  const bool up = rest > base / 2 || (rest == base / 2 && odd);
  return up ? value + (base - rest) : below;
}

std::int64_t round_to(std::int64_t value, std::int64_t base) {
  const std::int64_t rest = value % base;
  const bool odd = (value / base) % 2 != 0;
  const bool up = rest > base / 2 || (rest == base / 2 && odd);
  // The greatest integer key is the last multiple below 2^63.
  return saturating_add(value - rest, up ? base : 0);
}

// Converts a whole float to an integer; beyond 64 bits it stays a float.
Number whole_number(double value) {
  const Number number(value);
  const Number integer(number.to_int());
  return integer == number ? integer : number;
}

// Python's int(num_requests * percent).
std::int64_t share(std::int64_t num_requests, double percent) {
  return Number(static_cast<double>(num_requests) * percent).to_int();
}

// The number of keys of bucket_response_time for times up to 100 s: 0 … 100, 110 … 1000, 1100 …
// 10000, 11000 … 100000.
constexpr std::size_t kTableSize = 371;

std::optional<std::size_t> table_index(const Number& key) {
  const std::int64_t value = key.to_int();
  if (value < 0 || value > 100000 || (key.is_float() && key != Number(value))) return std::nullopt;
  const auto v = static_cast<std::uint32_t>(value);
  if (v <= 100) return v;
  if (v <= 1000) return v % 10 == 0 ? std::optional<std::size_t>(90 + v / 10) : std::nullopt;
  if (v <= 10000) return v % 100 == 0 ? std::optional<std::size_t>(180 + v / 100) : std::nullopt;
  return v % 1000 == 0 ? std::optional<std::size_t>(270 + v / 1000) : std::nullopt;
}

}  // namespace

Number bucket_response_time(const Number& response_time_ms) {
  const double value = response_time_ms.as_double();
  if (value < 100) {
    return response_time_ms.is_float() ? whole_number(std::nearbyint(value)) : response_time_ms;
  }
  const int base = value < 1000 ? 10 : value < 10000 ? 100 : 1000;
  if (!response_time_ms.is_float()) return round_to(response_time_ms.to_int(), base);
  return whole_number(round_to(value, base));
}

void ResponseTimes::add(const Number& response_time, std::int64_t count, bool may_grow) {
  std::int64_t& total = counts_[slot_of(response_time, may_grow)];
  total = saturating_add(total, count);
}

std::uint32_t ResponseTimes::slot_of(const Number& response_time, bool may_grow) {
  const bool is_last = order_.empty() || order_.back().response_time < response_time;
  if (!is_last && table_.empty()) fill_table();
  // A plain number, because GCC 12 warns that an optional one is uninitialized, depending on the
  // other files of the unity build.
  const std::size_t index =
      table_.empty() ? kTableSize : table_index(response_time).value_or(kTableSize);
  const bool is_in_table = index < kTableSize;
  if (!is_last && is_in_table && table_[index] != 0) return table_[index] - 1U;
  auto at = is_last ? order_.end()
                    : std::lower_bound(order_.begin(), order_.end(), response_time,
                                       [](const Position& p, const Number& key) {
                                         return p.response_time < key;
                                       });
  if (at == order_.end() || at->response_time != response_time) {
    if (order_.size() == kMaxBuckets || (!may_grow && !order_.empty())) {
      return at == order_.end() ? order_.back().slot : at->slot;
    }
    at = order_.insert(at, {response_time, static_cast<std::uint32_t>(counts_.size())});
    counts_.push_back(0);
    if (is_in_table) table_[index] = static_cast<std::uint16_t>(counts_.size());
  }
  return at->slot;
}

void ResponseTimes::fill_table() {
  static_assert(kMaxBuckets <= std::numeric_limits<std::uint16_t>::max());
  table_.resize(kTableSize);
  for (const Position& p : order_) {
    if (const auto index = table_index(p.response_time)) {
      table_[*index] = static_cast<std::uint16_t>(p.slot + 1);
    }
  }
}

void ResponseTimes::merge(const ResponseTimes& other, bool may_grow) {
  for (const Position& p : other.order_) add(p.response_time, other.counts_[p.slot], may_grow);
}

std::size_t ResponseTimes::memory() const {
  return order_.capacity() * sizeof(Position) + counts_.capacity() * sizeof(std::int64_t) +
         table_.capacity() * sizeof(std::uint16_t);
}

void ResponseTimes::clear() {
  order_.clear();
  counts_.clear();
  std::fill(table_.begin(), table_.end(), std::uint16_t{0});
}

void ResponseTimes::reserve(std::size_t buckets) {
  order_.reserve(buckets);
  counts_.reserve(buckets);
}

Number ResponseTimes::percentile(std::int64_t num_requests, double percent) const {
  const std::int64_t wanted = share(num_requests, percent);
  std::int64_t remaining = num_requests;
  for (auto p = order_.rbegin(); p != order_.rend(); ++p) {
    remaining = saturating_sub(remaining, counts_[p->slot]);
    if (remaining <= wanted) return p->response_time;
  }
  return 0;
}

Number ResponseTimes::percentile_since(const Snapshot& old, std::int64_t num_requests,
                                       double percent) const {
  const std::int64_t wanted = share(num_requests, percent);
  std::int64_t remaining = num_requests;
  for (auto p = order_.rbegin(); p != order_.rend(); ++p) {
    const std::int64_t before = p->slot < old.size() ? old[p->slot] : 0;
    const std::int64_t added = saturating_sub(counts_[p->slot], before);
    if (added == 0) continue;
    remaining = saturating_sub(remaining, added);
    if (remaining <= wanted) return p->response_time;
  }
  return 0;
}

void ResponseTimesCache::store(std::int64_t second, const ResponseTimes& response_times,
                               std::int64_t num_timed_requests, Histogram precise) {
  Copy copy{second, response_times.snapshot(), num_timed_requests, std::move(precise)};
  // Replacing keeps the place in the queue, as assigning to a key of Python's OrderedDict does.
  if (const Copy* existing = find(second)) {
    copies_[static_cast<std::size_t>(existing - copies_.data())] = std::move(copy);
    return;
  }
  if (copies_.size() == kMaxCopies) copies_.erase(copies_.begin());
  copies_.push_back(std::move(copy));
}

const ResponseTimesCache::Copy* ResponseTimesCache::about_ten_seconds_before(
    std::int64_t second) const {
  const std::int64_t start = second - kWindowSeconds;
  for (std::int64_t away = 0; away <= kToleranceSeconds; ++away) {
    if (const Copy* copy = find(start - away)) return copy;
    if (const Copy* copy = find(start + away)) return copy;
  }
  return nullptr;
}

const ResponseTimesCache::Copy* ResponseTimesCache::find(std::int64_t second) const {
  for (const Copy& copy : copies_) {
    if (copy.second == second) return &copy;
  }
  return nullptr;
}

}  // namespace locust
