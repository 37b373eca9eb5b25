// How messages travel, without saying by what: worker and master state machines see only these two
// interfaces. proto/socket.h implements them on ZeroMQ, tests/fakes/fake_transport.h in simulated
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace locust::proto {

// A worker's one connection to its master. Used on the thread of its loop only. FIFO both ways.
// Messages sent while no master is there wait (up to 1000) and arrive when it appears.
class WorkerTransport {
 public:
  // `payload` is valid during the call. A handler may send and reconnect, but must not destroy the
  // transport.
  using MessageHandler = std::function<void(std::string_view payload)>;
  // Something the peer or the network did wrong, as one line for the log. Never fatal.
  using ErrorHandler = std::function<void(const std::string& what)>;

  virtual ~WorkerTransport() = default;
  // Set both before the loop runs; nothing is delivered inside this call.
  virtual void on_message(MessageHandler handler) = 0;
  virtual void on_error(ErrorHandler handler) = 0;
  // Called whenever a connection has come up, before what waited goes out: the first one, and after
  // each loss one to the same master or to another that has taken its place.
  virtual void on_connected(std::function<void()> handler) = 0;
  // Never blocks. Fails if the queue is full; the message is then dropped.
  virtual Result<void> send(std::string payload) = 0;
  // The same, but does nothing if the last message that waits is equal: of repeated client_ready
  // one is enough.
  virtual Result<void> send_unless_waiting(std::string payload) = 0;
  // Closes the connection, what was sent before still goes out, and only when it is gone for good
  // opens a new one with the same identity (a ROUTER ignores an identity still in use). Messages
  // sent meanwhile wait. Returns at once; repeated calls while one is under way do nothing.
  virtual void reconnect() = 0;
};

// One connection of a peer's.
struct Connection {
  std::uint64_t number = 0;  // never that of another one; 0: unknown
  std::string address;       // the peer's IP address; empty: unknown
};

// The master's end of all connections. Used on the thread of its loop only. FIFO per connection. A
// new connection with an identity that is in use takes the identity over: the old one may be dead
// on the peer's side only. Who has the right to an identity is the caller's to decide, by
// connection().
class MasterTransport {
 public:
  // `identity` is the sender's ZeroMQ identity, valid UTF-8; both are valid during the call. A
  // handler may send, but must not destroy the transport.
  using MessageHandler = std::function<void(std::string_view identity, std::string_view payload)>;
  // As above; `identity` is printable whatever the peer sent, and empty if there is none.
  using ErrorHandler = std::function<void(const std::string& identity, const std::string& what)>;

  virtual ~MasterTransport() = default;
  virtual void on_message(MessageHandler handler) = 0;
  virtual void on_error(ErrorHandler handler) = 0;
  // Never blocks. A message to a worker that is not connected, or reads too slowly, is dropped
  // silently, as by stock's ROUTER.
  virtual void send(std::string_view identity, std::string payload) = 0;
  // The same. The result expires as soon as the message takes no memory here any more: the kernel
  // has all of it, or it was dropped.
  virtual std::weak_ptr<const void> send_watched(std::string_view identity,
                                                 std::string payload) = 0;
  // The one that brought the message whose handler is running.
  virtual const Connection& connection() const = 0;
  // Whether at some moment since the last call everything that had come was read. If not, what a
  // worker said may still be waiting, so its silence means nothing.
  virtual bool caught_up() = 0;
};

}  // namespace locust::proto
