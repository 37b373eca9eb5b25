// locust-target: the sample HTTP/1.1 server that the demo, the tests and the benchmarks load.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "common/base/event_loop.h"
#include "common/base/result.h"
#include "tests/target/connection.h"
#include "tests/target/routes.h"

namespace locust {

// Listens and owns the connections. Lives on the loop's thread; the loop must outlive it.
class TargetServer final {
 public:
  explicit TargetServer(EventLoop& loop);
  ~TargetServer();
  TargetServer(const TargetServer&) = delete;
  TargetServer& operator=(const TargetServer&) = delete;

  // Call once. `host` is a name or an address, port 0 takes a free one; returns "ADDRESS:PORT" as
  // bound.
  Result<std::string> listen(const std::string& host, std::uint16_t port);

  std::uint16_t port() const { return port_; }
  const TargetCounts& counts() { return routes_.counts(); }

 private:
  void accept_waiting();

  EventLoop& loop_;
  TargetRoutes routes_;
  TargetShared shared_;
  std::unordered_map<int, std::unique_ptr<TargetConnection>> connections_;  // by descriptor
  int listen_fd_ = -1;
  std::uint16_t port_ = 0;
  TimerId accept_again_ = 0;
};

}  // namespace locust
