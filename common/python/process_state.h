// ProcessState: the process-wide state of our Python modules. Their functions have no other
// context.
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

// The only mutable global of this room, guarded by the GIL. Only the named files access the
// members.
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
  std::vector<EarlySpawn> early_spawns{};  // spawned before there was a hub
  ExitRequest exit_request{};              // exit_request.h
  // stats_module.h; null outside show_stats()
  RequestStats* stats = nullptr;
  const Clock* stats_clock = nullptr;
};

inline ProcessState& process_state() {
  static ProcessState state;
  return state;
}

}  // namespace locust::python
