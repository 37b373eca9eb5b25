#include "common/base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace locust {
namespace {

// From this length on difflib ignores frequent characters.
constexpr std::size_t kTooLong = 200;
constexpr double kCutoff = 0.6;

struct Block {
  std::size_t a = 0;
  std::size_t b = 0;
  std::size_t size = 0;
};

// The longest common text; of several, the one that starts first in `a`, then in `b`.
Block longest_block(std::string_view a, std::string_view b) {
  Block longest;
  // At j: the size of the common text that ends before a[i] and b[j].
  std::vector<std::size_t> previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = a[i - 1] == b[j - 1] ? previous[j - 1] + 1 : 0;
      if (current[j] > longest.size) longest = {i - current[j], j - current[j], current[j]};
    }
    previous.swap(current);
  }
  return longest;
}

// The sizes of the longest block, and of those to the left and to the right of it.
std::size_t common_size(std::string_view a, std::string_view b) {
  const Block block = longest_block(a, b);
  if (block.size == 0) return 0;
  return block.size + common_size(a.substr(0, block.a), b.substr(0, block.b)) +
         common_size(a.substr(block.a + block.size), b.substr(block.b + block.size));
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

double similarity(std::string_view a, std::string_view b) {
  const std::size_t size = a.size() + b.size();
  return size == 0 ? 1 : 2.0 * static_cast<double>(common_size(a, b)) / static_cast<double>(size);
}

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.size() >= kTooLong) return {};
  std::pair<double, std::string_view> best = {kCutoff, {}};
  for (const std::string_view candidate : known) {
    if (candidate.size() >= kTooLong) continue;
    best = std::max(best, {similarity(candidate, name), candidate});
  }
  return best.second;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_name(name, known);
  return nearest.empty() ? "" : "; did you mean " + in_quotes(nearest) + "?";
}

}  // namespace locust
