#include "master/cluster/spawn_orders.h"

#include <utility>

#include "common/stats/mask_stats.h"

namespace locust::master {

SpawnOrders::SpawnOrders(const Clock& clock, Options options)
    : clock_(clock),
      host_(std::move(options.host)),
      stop_timeout_(options.stop_timeout),
      parsed_options_(std::move(options.parsed_options)),
      as_one_process_(options.as_one_process),
      iteration_limit_(options.iterations) {}

void SpawnOrders::begin_test(const WorkerRegistry& registry) {
  const auto present = registry.present();
  feeder_shares_ = present.empty() ? 1 : present.back()->index + 1;
}

proto::Spawn SpawnOrders::make(WorkerNode& worker,
                               const std::map<std::string_view, std::int64_t>& counts,
                               std::optional<std::int64_t> users_of_test) const {
  std::map<std::string_view, std::int64_t> named = counts;
  if (worker.loaded_classes) {
    for (const std::string& name : *worker.loaded_classes) named.emplace(name, 0);
  }
  proto::Spawn spawn;
  spawn.timestamp = worker.clock.next_order(clock_.wall_time());
  for (const auto& [name, count] : named) spawn.user_classes_count.emplace_back(name, count);
  spawn.host = host_;
  spawn.stop_timeout = stop_timeout_;
  spawn.parsed_options = parsed_options_;
  spawn.parsed_options.emplace_back("expect_workers", feeder_shares_);
  if (worker.is_native) spawn.extension = native_options(worker.id, users_of_test);
  return spawn;
}

// The extension for native workers; nullopt if it would be empty.
std::optional<proto::SpawnExtension> SpawnOrders::native_options(
    const std::string& id, std::optional<std::int64_t> users_of_test) const {
  proto::SpawnExtension options;
  if (iteration_limit_.is_set()) options.iterations = iteration_limit_.share(id);
  if (const EvidenceLevel level = evidence_level(); level != EvidenceLevel::kFull) {
    options.evidence = level;
  }
  // One process has all users of its test.
  if (as_one_process_) options.users_of_test = users_of_test;
  if (!options.iterations && !options.evidence && !options.users_of_test) return std::nullopt;
  return options;
}

}  // namespace locust::master
