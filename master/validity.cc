#include "master/validity.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace locust::master {
namespace {

constexpr std::size_t kMaxNamed = 20;  // workers in a line

template <typename Range, typename ToText>
std::string named(const Range& range, std::size_t count, std::string_view separator,
                  ToText to_text) {
  std::vector<std::string> texts;
  for (const auto& element : range) {
    if (texts.size() == kMaxNamed) break;
    texts.push_back(to_text(element));
  }
  const std::size_t left_out = count - texts.size();
  return fmt::format("{}{}", fmt::join(texts, separator),
                     left_out == 0 ? "" : fmt::format("{}and {} more", separator, left_out));
}

std::string same(const std::string& id) { return id; }

}  // namespace

std::vector<std::string> invalid_reasons(const Master& master) {
  std::vector<std::string> reasons;
  if (const WorkerLosses& losses = master.losses(); losses.count() > 0) {
    reasons.push_back(fmt::format("{} worker(s) were lost during the test: {}", losses.count(),
                                  named(losses.kept(), losses.count(), "; ",
                                        [](const WorkerLoss& l) { return l.to_text(); })));
  }
  if (const auto undelivered = master.undelivered(); !undelivered.empty()) {
    reasons.push_back(fmt::format(
        "{} worker(s) did not deliver their last report, so the totals may lack their last "
        "seconds: {}",
        undelivered.size(), named(undelivered, undelivered.size(), ", ", same)));
  }
  if (const auto& bound = master.generator_bound(); !bound.empty()) {
    reasons.push_back(fmt::format(
        "{} worker(s) limited the test, so what was measured is the load generator's: {}",
        bound.size(), named(bound, bound.size(), ", ", same)));
  }
  return reasons;
}

}  // namespace locust::master
