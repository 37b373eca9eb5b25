#include "proto/socket_pump.h"

#include <sys/epoll.h>

#include <utility>

namespace locust::proto {
namespace {

// One turn's share: about a millisecond of small messages, or one large report.
constexpr int kMessagesPerTurn = 64;
constexpr std::size_t kBytesPerTurn = std::size_t{256} << 10;

}  // namespace

SocketPump::SocketPump(EventLoop& loop, zmq::socket_ref socket, Receive receive)
    : loop_(loop),
      fd_(socket.get(zmq::sockopt::fd)),
      state_(std::make_shared<State>(State{socket, std::move(receive)})) {
  loop_.watch(fd_, EPOLLIN, [](std::uint32_t) {});  // waking up is enough: drain() comes next
  loop_.add_prepare([state = std::weak_ptr(state_)] {
    const auto locked = state.lock();
    if (!locked) return EventLoop::Prepared::kRemoveMe;
    return drain(locked) ? EventLoop::Prepared::kWorkLeft : EventLoop::Prepared::kIdle;
  });
}

SocketPump::~SocketPump() {
  state_->alive = false;
  loop_.unwatch(fd_);
}

bool SocketPump::drain(const std::shared_ptr<State>& state) {
  state->draining = true;
  state->wake_posted = false;
  std::size_t bytes = 0;
  bool more = true;
  for (int i = 0; i < kMessagesPerTurn && bytes < kBytesPerTurn && more && state->alive; ++i) {
    const auto size = state->receive();
    more = size.has_value();
    bytes += size.value_or(0);
  }
  state->draining = false;
  if (!more) state->emptied = true;
  return more && state->alive;
}

void SocketPump::after_send() {
  if (state_->draining || state_->wake_posted) return;
  if ((state_->socket.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) return;
  state_->wake_posted = true;
  loop_.post([] {});  // ends the wait, so that drain() runs
}

}  // namespace locust::proto
