// ConnectionGuard: decides which connection belongs to a worker.
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

// A worker whose connection is dead returns on another one, which takes over its identity at once
// (proto::MasterTransport). Any peer that knows the identity could do the same. Messages on another
// connection are accepted only if they are the worker's:
//
// - A native worker sends with each heartbeat a secret that it got when it registered. Messages
//   before the first heartbeat are held back until then.
// - Other workers must have the same address, unless the worker is silent anyway. There is nothing
//   else to identify them by.
//
// Pure: knows no socket. Bounded: kMaxHeld messages of kMaxHeldBytes together.
class ConnectionGuard {
 public:
  static constexpr std::size_t kMaxHeld = 64;
  static constexpr std::size_t kMaxHeldBytes = std::size_t{16} << 20;

  explicit ConnectionGuard(std::string secret = {}) : secret_(std::move(secret)) {}

  // The secret for the reply to the registration.
  const std::string& secret() const { return secret_; }
  // The worker registers on this connection.
  void adopt(const proto::Connection& connection) { own_ = connection; }

  // Whether a message is the worker's; if so, its connection belongs to the worker from then on.
  // `shown` is the secret in the message.
  bool accepts(const proto::Connection& connection, const std::optional<std::string_view>& shown,
               bool is_silent);
  // Keeps a message that was not accepted until its connection may be. Returns false if the
  // connection cannot be accepted, or if there is no space.
  bool hold(const proto::Connection& connection, std::string_view bytes);
  // The held messages of the connection that accepts() has accepted last, in order.
  std::vector<std::string> take_held();

 private:
  std::string secret_;
  bool shows_secret_ = false;
  proto::Connection own_;
  std::uint64_t previous_ = 0;  // its messages may still arrive
  std::uint64_t holding_ = 0;   // of this connection
  std::vector<std::string> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace locust::master
