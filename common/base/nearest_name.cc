#include "common/base/nearest_name.h"

#include <algorithm>
#include <cstddef>

namespace locust {
namespace {

// Longer names are not worth the quadratic comparison.
constexpr std::size_t kMaxLength = 64;

// Optimal string alignment distance: Levenshtein plus swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> before(width), previous(width), current(width);
  for (std::size_t j = 0; j < width; ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous.back();
}

}  // namespace

std::string in_quotes(std::string_view name) {
  std::string result;
  result.reserve(name.size() + 2);
  result += '\'';
  result += name;
  result += '\'';
  return result;
}

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.size() > kMaxLength) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kMaxLength) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_name(name, known);
  return nearest.empty() ? "" : "; did you mean " + in_quotes(nearest) + "?";
}

}  // namespace locust
