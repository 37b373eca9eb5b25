#include "master/run/run_request.h"

#include <algorithm>
#include <cstdint>

#include "common/base/log.h"

namespace locust::master {
namespace {

constexpr double kKeySpawnRate = 100;  // users per second

std::int64_t difference_of(char key) {
  if (key == 'w') return 1;
  if (key == 'W') return 10;
  if (key == 's') return -1;
  if (key == 'S') return -10;
  return 0;
}

}  // namespace

std::optional<RunRequest> request_of_key(const Master& master, char key) {
  const std::int64_t difference = difference_of(key);
  if (difference == 0) return std::nullopt;
  if (master.state() == MasterState::kSpawning) {
    log::main().warn(difference > 0 ? "Already spawning users, can't spawn more right now"
                                    : "Spawning users, can't stop right now");
    return std::nullopt;
  }
  const std::int64_t users = master.registry().user_count() + difference;
  return RunRequest{
      .by = Requester::kKey,
      .form = {.user_count = std::max<std::int64_t>(users, 0), .spawn_rate = kKeySpawnRate}};
}

}  // namespace locust::master
