// SpawnOrders: composes spawn messages (runners.py MasterRunner.start).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "master/cluster/iteration_limit.h"
#include "master/cluster/worker_registry.h"
#include "proto/message.h"

namespace locust::master {

// Control thread. `clock` must outlive it: orders carry its wall time.
class SpawnOrders {
 public:
  struct Options {
    std::optional<std::string> host = std::nullopt;  // becomes every class's
    double stop_timeout = 0;                         // seconds
    // Tags and the values of the test's arguments. Some are secret and must not be logged.
    proto::Value::Map parsed_options = {};
    std::int64_t iterations = 0;  // 0: no limit
    bool as_one_process = false;  // a lone worker runs the whole test
  };
  SpawnOrders(const Clock& clock, Options options);

  // These take effect with the next order.
  void set_host(std::optional<std::string> host) { host_ = std::move(host); }
  void set_parsed_options(proto::Value::Map options) { parsed_options_ = std::move(options); }
  void set_stop_timeout(double seconds) { stop_timeout_ = seconds; }
  const std::optional<std::string>& host() const { return host_; }
  double stop_timeout() const { return stop_timeout_; }
  const proto::Value::Map& parsed_options() const { return parsed_options_; }

  // Call when a test starts. For its whole duration, rows of a feeder are divided by the highest
  // index of a connected worker plus one, so that no two workers ever take the same row.
  void begin_test(const WorkerRegistry& registry);

  IterationLimit& iteration_limit() { return iteration_limit_; }
  const IterationLimit& iteration_limit() const { return iteration_limit_; }

  // An order to run `counts` users. It contains every class that the worker has loaded, zeros
  // included, and no other: an unknown name stalls a stock worker (docs/protocol.md §6), so
  // `counts` must not have one. `users_of_test` is set if no other worker takes part.
  proto::Spawn make(WorkerNode& worker, const std::map<std::string_view, std::int64_t>& counts,
                    std::optional<std::int64_t> users_of_test) const;

 private:
  std::optional<proto::SpawnExtension> native_options(
      const std::string& id, std::optional<std::int64_t> users_of_test) const;

  const Clock& clock_;
  std::optional<std::string> host_;
  double stop_timeout_;
  proto::Value::Map parsed_options_;
  const bool as_one_process_;
  int feeder_shares_ = 1;
  IterationLimit iteration_limit_;
};

}  // namespace locust::master
