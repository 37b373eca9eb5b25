// A list of names for a log line.
#pragma once

#include <spdlog/fmt/ranges.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/printable.h"

namespace locust::master {

inline constexpr std::size_t kMaxNamed = 20;

// All of them, separated by commas. Printable, because workers report names of classes too.
template <typename Names>
std::string listed(const Names& names) {
  return printable(fmt::format("{}", fmt::join(names, ", ")));
}

// The first elements of `range` as `to_text` writes them, joined by `separator`; `count` includes
// elements that are not in the range.
template <typename Range, typename ToText>
std::string named_list(const Range& range, std::size_t count, std::string_view separator,
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

}  // namespace locust::master
