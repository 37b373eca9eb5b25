// ConnectionGuard: which connection speaks for a worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/transport.h"

namespace locust::master {

// A worker whose connection is dead comes back by another one, which takes its identity over at once
// (proto::MasterTransport). So could anybody who knows the identity. Messages that come by another
// connection count only if they are the worker's:
//
// - A native worker shows, with each heartbeat, a secret that only its registration was answered
//   with. What comes before the first heartbeat is held until then.
// - Of other workers the address must be the same, unless the worker is silent anyway. That is all
//   there is to tell them by.
//
// Pure: knows no socket. Bounded: kMaxHeld messages of kMaxHeldBytes together.
class ConnectionGuard {
 public:
  static constexpr std::size_t kMaxHeld = 64;
  static constexpr std::size_t kMaxHeldBytes = std::size_t{16} << 20;

  explicit ConnectionGuard(std::string secret = {}) : secret_(std::move(secret)) {}

  // For the answer to the registration.
  const std::string& secret() const { return secret_; }
  // The worker registers by it.
  void adopt(const proto::Connection& connection) { own_ = connection; }

  // Whether a message is the worker's; its connection is the worker's from then on. `shown` is the
  // secret in it.
  bool accepts(const proto::Connection& connection, const std::optional<std::string_view>& shown,
               bool is_silent);
  // Keeps a message that was not accepted until its connection may be. False if nothing is to be
  // expected of it, or there is no room.
  bool hold(const proto::Connection& connection, std::string_view bytes);
  // What was held of the connection that accepts() has accepted last, in order.
  std::vector<std::string> take_held();

 private:
  std::string secret_;
  bool shows_secret_ = false;
  proto::Connection own_;
  std::uint64_t previous_ = 0;  // what it had sent may still come
  std::uint64_t holding_ = 0;   // of this connection
  std::vector<std::string> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace locust::master
