// What the tests of the master's parts share: simulated time, a registry, and what was sent.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "master/cluster/send_to_worker.h"
#include "master/cluster/worker_registry.h"
#include "tests/fakes/simulated_loop.h"

namespace locust::master {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PartsTest : public testing::Test {
 protected:
  // A worker that has reported these classes; ready.
  static WorkerNode& join(WorkerRegistry& registry, const std::string& id,
                          std::vector<std::string> classes = {"Shop"}) {
    WorkerNode& worker = *registry.admit(id, std::nullopt).worker;
    worker.loaded_classes = std::move(classes);
    return worker;
  }
  WorkerNode& join(const std::string& id, std::vector<std::string> classes = {"Shop"}) {
    return join(registry_, id, std::move(classes));
  }

  SendToWorker send() {
    return [this](const std::string& id, proto::Payload payload) {
      sent_.emplace_back(id, std::move(payload));
    };
  }
  // Who was sent such a message, in order.
  template <typename Payload>
  std::vector<std::string> receivers() const {
    std::vector<std::string> ids;
    for (const auto& [id, payload] : sent_) {
      if (std::holds_alternative<Payload>(payload)) ids.push_back(id);
    }
    return ids;
  }
  // Users of each order to the worker.
  std::vector<std::int64_t> orders(const std::string& id) const {
    std::vector<std::int64_t> totals;
    for (const auto& [receiver, payload] : sent_) {
      const auto* spawn = std::get_if<proto::Spawn>(&payload);
      if (spawn == nullptr || receiver != id) continue;
      std::int64_t total = 0;
      for (const auto& [name, count] : spawn->user_classes_count) total += count;
      totals.push_back(total);
    }
    return totals;
  }

  fakes::SimulatedLoop loop_;
  WorkerRegistry registry_;
  std::vector<std::pair<std::string, proto::Payload>> sent_;
};

}  // namespace locust::master
