// Replays of what stock Locust computed: one function per form of vector file (JSON lines, one case
// per line) that feeds a file through the product's own classes and compares every value it holds.
// Used by the program locust-replay and by the unit tests.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace locust {

struct ReplayOutcome {
  std::size_t cases = 0;       // non-empty lines read
  std::size_t mismatches = 0;  // cases with at least one difference, unreadable ones included
  // The first differences, each one line naming its case ("line 7, event 31: …").
  std::vector<std::string> differences;
};

// How many differences an outcome keeps.
inline constexpr std::size_t kMaxDifferences = 20;

}  // namespace locust
