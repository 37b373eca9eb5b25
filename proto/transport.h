// The transports: the state machines of worker and master see only these two interfaces.
// proto/socket.h implements them on ZeroMQ, tests/fakes/fake_transport.h in simulated time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace locust::proto {

// A worker's connection to its master. Used on the thread of its loop only. FIFO in both
// directions. Messages sent without a connection wait (up to 1000) and are delivered when it is
// established.
class WorkerTransport {
 public:
  // `payload` is valid during the call. A handler may send and reconnect, but must not destroy the
  // transport.
  using MessageHandler = std::function<void(std::string_view payload)>;
  // An error of the peer or the network, as one line for the log. Never fatal.
  using ErrorHandler = std::function<void(const std::string& what)>;

  virtual ~WorkerTransport() = default;
  // Set both before the loop runs; nothing is delivered inside this call.
  virtual void on_message(MessageHandler handler) = 0;
  virtual void on_error(ErrorHandler handler) = 0;
  // Called whenever a connection is established, before queued messages are sent: for the first
  // one, and after each loss for the next one, to the same master or to another that has replaced
  // it.
  virtual void on_connected(std::function<void()> handler) = 0;
  // Never blocks. Fails if the queue is full; the message is then dropped.
  virtual Result<void> send(std::string payload) = 0;
  // The same, but does nothing if the last queued message is equal: one client_ready is enough.
  virtual Result<void> send_unless_waiting(std::string payload) = 0;
  // Closes the connection after sending queued messages, and opens a new one with the same identity
  // when the old one is completely closed (a ROUTER ignores an identity that is still in use).
  // Messages sent meanwhile are queued. Returns immediately. Further calls during a reconnect have
  // no effect.
  virtual void reconnect() = 0;
};

// One connection of a peer.
struct Connection {
  std::uint64_t number = 0;  // never reused; 0: unknown
  std::string address;       // the peer's IP address; empty: unknown
};

// The master's end of all connections. Used on the thread of its loop only. FIFO per connection. A
// new connection with an identity that is in use takes the identity over: the old one may be dead
// on the peer's side only. The caller decides by connection() who may use an identity.
class MasterTransport {
 public:
  // `identity` is the sender's ZeroMQ identity, valid UTF-8; both are valid during the call. A
  // handler may send, but must not destroy the transport.
  using MessageHandler = std::function<void(std::string_view identity, std::string_view payload)>;
  // The same as above; `identity` is always printable, and empty if unknown.
  using ErrorHandler = std::function<void(const std::string& identity, const std::string& what)>;

  virtual ~MasterTransport() = default;
  virtual void on_message(MessageHandler handler) = 0;
  virtual void on_error(ErrorHandler handler) = 0;
  // Never blocks. A message to a worker that is not connected or reads too slowly is dropped
  // silently, as by stock's ROUTER.
  virtual void send(std::string_view identity, std::string payload) = 0;
  // The same. The result expires when the message no longer uses memory of this process: the kernel
  // has all of it, or it was dropped.
  virtual std::weak_ptr<const void> send_watched(std::string_view identity,
                                                 std::string payload) = 0;
  // The connection of the message whose handler is running.
  virtual const Connection& connection() const = 0;
  // Whether all arrived messages were read at some moment since the last call. If not, messages of
  // a worker may be unread, so it may not be silent.
  virtual bool caught_up() = 0;
};

}  // namespace locust::proto
