// locust-replay dispatch|stats FILE: does the product compute what stock Locust computed?
#include <fstream>
#include <iostream>
#include <string_view>

#include "tests/replay/replay_dispatch.h"
#include "tests/replay/replay_stats.h"

namespace {

constexpr int kExitUsage = 2;

int report(const locust::ReplayOutcome& outcome) {
  std::cout << outcome.cases << " cases, " << outcome.mismatches << " mismatches\n";
  for (const std::string& difference : outcome.differences) std::cout << difference << "\n";
  return outcome.mismatches > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view form = argc == 3 ? argv[1] : "";
  if (form != "dispatch" && form != "stats") {
    std::cerr << "usage: locust-replay dispatch|stats FILE\n";
    return kExitUsage;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const locust::ReplayOutcome outcome =
      form == "stats" ? locust::replay_stats(file) : locust::replay_dispatch(file);
  // A file that cannot be opened, or is a folder, has no cases and must not look like a success.
  if (!file.is_open() || file.bad()) {
    std::cerr << "locust-replay: cannot read " << argv[2] << "\n";
    return kExitUsage;
  }
  return report(outcome);
}
