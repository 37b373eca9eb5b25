// ProcessState: what functions of our Python modules, which know no other context, find of their
// process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/python/ref.h"
#include "common/stats/stats.h"

namespace locust::python {

class Hub;

// The only mutable variable of this room. Its members belong to the files that are named with them.
// With the GIL held.
struct ProcessState {
  struct EarlySpawn {
    std::uint64_t id;
    Ref callable;
  };
  struct ExitRequest {
    bool made = false;
    std::optional<int> code{};
    std::function<void()> handler{};
  };

  // hub.h
  Hub* hub = nullptr;
  std::uint64_t newest_greenlet = 0;
  std::vector<EarlySpawn> early_spawns{};  // for the hub that will be there
  ExitRequest exit_request{};              // exit_request.h
  // stats_module.h; null: there are none
  RequestStats* stats = nullptr;
  const Clock* stats_clock = nullptr;
};

inline ProcessState& process_state() {
  static ProcessState state;
  return state;
}

}  // namespace locust::python
