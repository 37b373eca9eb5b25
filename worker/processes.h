// --processes: several workers from one command line.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace locust::worker {

// Called around each fork, `after` on both sides.
struct ForkHooks {
  std::function<void()> before{};
  std::function<void(bool is_child)> after{};
};

// Forks that many workers, before any thread exists, each in a process group of its own so that a
// Ctrl-C reaches it once. Returns nothing in each of them, to go on as a worker. In the parent it
// returns the exit code when all have ended: the greatest of theirs, 128 and the signal's number for
// one that a signal killed. SIGINT and SIGTERM are passed on; a second SIGINT kills the children and
// gives 1 (main.py). Children end with the parent, whatever ends it.
std::optional<int> fork_workers(int count, const ForkHooks& hooks = {});

}  // namespace locust::worker
