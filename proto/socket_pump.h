// SocketPump: passes the messages of a ZeroMQ socket to a callback on an event loop. For
// proto/socket.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <zmq.hpp>

#include "common/base/event_loop.h"

namespace locust::proto {

// A ZeroMQ socket's descriptor signals each state change only once, to the first call that sees it,
// so epoll cannot be relied on. Instead, before each wait of the loop the socket is read until it
// is empty or its share of the turn is used up; in the latter case the loop does not wait. A flood
// therefore starves neither timers nor other sockets. Destroy it before the socket; safe inside the
// callback.
//
// After reading only a few messages it pauses for `rest`, so that the next messages share one
// wake-up, which is most of the cost of small messages.
class SocketPump {
 public:
  // Reads and handles one message without blocking; returns its size in bytes, or nullopt if there
  // is none.
  using Receive = std::function<std::optional<std::size_t>()>;

  SocketPump(EventLoop& loop, zmq::socket_ref socket, Receive receive,
             Duration rest = Duration::zero());
  ~SocketPump();
  SocketPump(const SocketPump&) = delete;
  SocketPump& operator=(const SocketPump&) = delete;

  // Call after each send, which may have consumed the descriptor's signal.
  void after_send();

  // Whether the socket was ever empty since the last call.
  bool caught_up() { return std::exchange(state_->emptied, false); }

 private:
  struct State {
    EventLoop& loop;
    zmq::socket_ref socket;
    int fd;
    Receive receive;
    Duration rest;
    bool alive = true;
    bool draining = false;
    bool resting = false;
    bool wake_posted = false;
    bool emptied = true;
  };

  static void watch(State& state);
  static bool drain(const std::shared_ptr<State>& state);
  static void take_rest(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // shared with the loop, which never removes its hooks
};

}  // namespace locust::proto
