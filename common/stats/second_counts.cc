#include "common/stats/second_counts.h"

#include <algorithm>
#include <utility>

#include "common/base/number.h"

namespace locust {
namespace {

// Seconds are dropped in batches of this size, because the rest must be moved.
constexpr std::size_t kForgottenAtOnce = 600;

}  // namespace

void SecondCounts::add(std::int64_t second, std::int64_t count) {
  insert(second, count, kMaxSeconds);
}

void SecondCounts::insert(std::int64_t second, std::int64_t count, std::size_t limit) {
  // Nearly always the last second or one of its few predecessors: search from the end.
  auto after = seconds_.end();
  constexpr int kNear = 8;
  for (int i = 0; i < kNear && after != seconds_.begin() && (after - 1)->second > second; ++i) {
    --after;
  }
  if (after != seconds_.begin() && (after - 1)->second > second) {
    after = std::upper_bound(seconds_.begin(), after, second,
                             [](std::int64_t s, const Second& x) { return s < x.second; });
  }
  if (after != seconds_.begin() && (after - 1)->second == second) {
    (after - 1)->count = saturating_add((after - 1)->count, count);
  } else {
    seconds_.insert(after, {second, count});
    if (seconds_.size() > limit) {
      const std::size_t forgotten = std::min(kForgottenAtOnce, limit / 2);
      seconds_.erase(seconds_.begin(), seconds_.begin() + static_cast<std::ptrdiff_t>(forgotten));
    }
  }
}

void SecondCounts::merge(const SecondCounts& other, bool may_grow) {
  const std::size_t limit = may_grow ? kMaxSeconds : std::max(kLeastSeconds, seconds_.size());
  for (const Second& s : other.seconds_) insert(s.second, s.count, limit);
}

void SecondCounts::confine(std::int64_t first, std::int64_t last) {
  if (seconds_.empty() || (seconds_.front().second >= first && seconds_.back().second <= last)) {
    return;
  }
  for (const Second& s : std::exchange(seconds_, {})) {
    add(std::clamp(s.second, first, std::max(first, last)), s.count);
  }
}

void SecondCounts::shift(std::int64_t seconds) {
  for (Second& s : seconds_) s.second = saturating_add(s.second, seconds);
}

std::int64_t SecondCounts::count(std::int64_t second) const {
  const auto at = std::lower_bound(seconds_.begin(), seconds_.end(), second,
                                   [](const Second& x, std::int64_t s) { return x.second < s; });
  return at != seconds_.end() && at->second == second ? at->count : 0;
}

}  // namespace locust
