#include "proto/socket_pump.h"

#include <sys/epoll.h>

#include <utility>

namespace locust::proto {
namespace {

// One turn's share: about a millisecond of small messages, or one large report.
constexpr int kMessagesPerTurn = 64;
constexpr std::size_t kBytesPerTurn = std::size_t{256} << 10;
// With fewer messages the pump pauses for `rest`.
constexpr int kFewMessages = 16;

}  // namespace

SocketPump::SocketPump(EventLoop& loop, zmq::socket_ref socket, Receive receive, Duration rest)
    : state_(std::make_shared<State>(
          State{loop, socket, socket.get(zmq::sockopt::fd), std::move(receive), rest})) {
  watch(*state_);
  loop.add_prepare([state = std::weak_ptr(state_)] {
    const auto locked = state.lock();
    if (!locked) return EventLoop::Prepared::kRemoveMe;
    return drain(locked) ? EventLoop::Prepared::kWorkLeft : EventLoop::Prepared::kIdle;
  });
}

SocketPump::~SocketPump() {
  state_->alive = false;
  state_->loop.unwatch(state_->fd);
}

void SocketPump::watch(State& state) {
  // Waking up is enough: drain() comes next.
  state.loop.watch(state.fd, EPOLLIN, [](std::uint32_t) {});
}

bool SocketPump::drain(const std::shared_ptr<State>& state) {
  if (state->resting) return false;
  state->draining = true;
  state->wake_posted = false;
  int messages = 0;
  std::size_t bytes = 0;
  bool more = true;
  while (messages < kMessagesPerTurn && bytes < kBytesPerTurn && more && state->alive) {
    const auto size = state->receive();
    more = size.has_value();
    bytes += size.value_or(0);
    if (more) ++messages;
  }
  state->draining = false;
  if (!more) state->emptied = true;
  if (!more && messages > 0 && messages < kFewMessages && state->alive) take_rest(state);
  return more && state->alive;
}

void SocketPump::take_rest(const std::shared_ptr<State>& state) {
  if (state->rest == Duration::zero()) return;
  state->resting = true;
  state->loop.unwatch(state->fd);
  state->loop.call_after(state->rest, [weak = std::weak_ptr(state)] {
    const auto rested = weak.lock();
    if (!rested || !rested->alive) return;
    rested->resting = false;
    watch(*rested);
  });
}

void SocketPump::after_send() {
  if (state_->draining || state_->resting || state_->wake_posted) return;
  if ((state_->socket.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) return;
  state_->wake_posted = true;
  state_->loop.post([] {});  // ends the wait, so that drain() runs
}

}  // namespace locust::proto
