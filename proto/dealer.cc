#include <algorithm>
#include <cerrno>

#include "common/base/utf8.h"
#include "proto/socket.h"
#include "proto/socket_parts.h"

namespace locust::proto {
namespace {

constexpr int kConnectTimeoutMs = 5000;
constexpr std::size_t kMaxWaiting = 1000;  // messages; ZeroMQ's own limit is the same
// ZeroMQ's own retry interval is longer than this delay before the other family is tried, so that
// no connection can be established during the change.
constexpr Duration kNextFamilyDelay = std::chrono::milliseconds(100);
constexpr int kNameReconnectMs = 400;
constexpr Duration kPause = std::chrono::milliseconds(200);
// By then the last messages are sent. Needed if the monitor has lost the event.
constexpr Duration kOldConnectionLimit = std::chrono::milliseconds(kLingerMs + 1000);
constexpr long kPollMs = 50;

}  // namespace

Result<std::unique_ptr<Dealer>> Dealer::connect(EventLoop& loop, const std::string& host, int port,
                                                const std::string& identity) {
  const std::string bare_host = without_brackets(host);
  if (bare_host.empty()) return Error{"the master's host name is empty"};
  if (port < 1 || port > 65535) return Error{std::to_string(port) + " is not a port"};
  if (identity.empty() || identity.size() > 255 || identity.front() == '\0' ||
      !is_valid_utf8(identity)) {
    return Error{"not a ZeroMQ identity: " + repair_utf8(identity)};
  }
  std::unique_ptr<Dealer> dealer(new Dealer(loop, bare_host, port, identity));
  if (auto opened = dealer->open(); !opened) return Error{opened.error()};
  return dealer;
}

Dealer::Dealer(EventLoop& loop, std::string host, int port, std::string identity)
    : loop_(loop),
      endpoint_(tcp_endpoint(host, std::to_string(port))),
      identity_(std::move(identity)),
      both_families_(kind_of(host) == HostKind::kName),
      family_(kind_of(host) == HostKind::kIpv6 ? Family::kIpv6 : Family::kIpv4) {}

Dealer::~Dealer() {
  loop_.cancel(timer_);
  if (met_master_ && !waiting_.empty()) send_waiting();
  pump_.reset();
  monitor_pump_.reset();
  if (socket_ && !met_master_) socket_.set(zmq::sockopt::linger, 0);
}

// Passes the queued messages to ZeroMQ. The loop no longer runs, so the rest of a reconnect is
// waited for here.
void Dealer::send_waiting() {
  if (!socket_) {
    const TimePoint deadline = loop_.clock().now() + kOldConnectionLimit;
    while (phase_ == Phase::kClosing && loop_.clock().now() < deadline) {
      zmq_pollitem_t item{monitor_.handle(), 0, ZMQ_POLLIN, 0};
      zmq_poll(&item, 1, kPollMs);
      while (const auto event = receive_monitor_event(monitor_)) {
        if (event->number == ZMQ_EVENT_MONITOR_STOPPED) phase_ = Phase::kPausing;
      }
    }
    zmq_poll(nullptr, 0, static_cast<long>(to_ms(kPause)));
    monitor_pump_.reset();
    monitor_.close();
    if (!open()) return;
  }
  for (const std::string& payload : waiting_) {
    zmq_send(socket_.handle(), payload.data(), payload.size(), ZMQ_DONTWAIT);
  }
}

Result<void> Dealer::open() {
  socket_ = make_socket(context_, zmq::socket_type::dealer);
  socket_.set(zmq::sockopt::routing_id, identity_);
  socket_.set(zmq::sockopt::connect_timeout, kConnectTimeoutMs);
  if (both_families_) socket_.set(zmq::sockopt::reconnect_ivl, kNameReconnectMs);
  ever_connected_ = false;
  phase_ = Phase::kConnecting;

  constexpr const char* kMonitor = "inproc://monitor";  // the context is this socket's alone
  zmq_socket_monitor(socket_.handle(), kMonitor,
                     ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_CONNECT_RETRIED |
                         ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_MONITOR_STOPPED);
  monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
  monitor_.set(zmq::sockopt::linger, 0);
  monitor_.connect(kMonitor);
  pump_.emplace(loop_, socket_, [this] { return receive(); });
  monitor_pump_.emplace(loop_, monitor_, [this] { return receive_event(); });
  return connect_family();
}

Result<void> Dealer::connect_family() {
  socket_.set(zmq::sockopt::ipv6, family_ == Family::kIpv6);
  if (zmq_connect(socket_.handle(), endpoint_.c_str()) != 0) {
    return Error{std::string("cannot connect to ") + endpoint_ + ": " + zmq_strerror(zmq_errno())};
  }
  pump_->after_send();
  return {};
}

void Dealer::try_next_family() {
  timer_ = 0;
  while (receive_event()) {  // the loop may be late
  }
  if (phase_ != Phase::kConnecting) return;
  zmq_disconnect(socket_.handle(), endpoint_.c_str());
  family_ = family_ == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4;
  if (auto connected = connect_family(); !connected && on_error_) on_error_(connected.error());
}

Result<void> Dealer::send(std::string payload) {
  if (phase_ == Phase::kConnected) return send_now(payload);
  if (waiting_.size() >= kMaxWaiting) return Error{"the send queue is full"};
  waiting_.push_back(std::move(payload));
  return {};
}

Result<void> Dealer::send_unless_waiting(std::string payload) {
  if (!waiting_.empty() && waiting_.back() == payload) return {};
  return send(std::move(payload));
}

Result<void> Dealer::send_now(const std::string& payload) {
  const int rc = zmq_send(socket_.handle(), payload.data(), payload.size(), ZMQ_DONTWAIT);
  const int error = rc < 0 ? zmq_errno() : 0;
  pump_->after_send();
  if (error == EAGAIN) return Error{"the send queue is full"};
  if (error != 0) return Error{std::string("cannot send: ") + zmq_strerror(error)};
  return {};
}

void Dealer::flush() {
  while (phase_ == Phase::kConnected && !waiting_.empty()) {
    if (auto sent = send_now(waiting_.front()); !sent && on_error_) on_error_(sent.error());
    waiting_.pop_front();
  }
}

void Dealer::reconnect() {
  if (phase_ == Phase::kClosing || phase_ == Phase::kPausing) return;
  phase_ = Phase::kClosing;
  loop_.cancel(timer_);
  timer_ = 0;
  // Posted, because this may be called within receive().
  loop_.post([self = std::weak_ptr(self_)] {
    if (const auto dealer = self.lock()) (*dealer)->close();
  });
}

void Dealer::close() {
  pump_.reset();
  if (!ever_connected_) socket_.set(zmq::sockopt::linger, 0);
  socket_.close();
  // ZeroMQ continues in its own threads. The monitor reports when the last message is sent and the
  // connection closed.
  timer_ = loop_.call_after(kOldConnectionLimit, [this] { closed(); });
}

// The ROUTER releases an identity only after it has read all messages of its connection. The new
// connection must not be faster (one in ten is, without a pause).
void Dealer::closed() {
  loop_.cancel(timer_);
  phase_ = Phase::kPausing;
  timer_ = loop_.call_after(kPause, [this] {
    timer_ = 0;
    monitor_pump_.reset();
    monitor_.close();
    if (auto opened = open(); !opened && on_error_) on_error_(opened.error());
  });
}

std::optional<std::size_t> Dealer::receive() {
  zmq::message_t payload;
  zmq::message_t surplus;
  const auto frames = receive_frames(socket_, payload, surplus);
  if (!frames) return std::nullopt;
  if (const char* fault = payload_fault(payload, frames->count - 1)) {
    if (on_error_) on_error_(std::string(fault) + " from the master");
  } else if (on_message_) {
    on_message_(payload.to_string_view());
  }
  return frames->bytes;
}

std::optional<std::size_t> Dealer::receive_event() {
  const auto event = receive_monitor_event(monitor_);
  if (!event) return std::nullopt;
  handle_event(event->number);
  return event->bytes;
}

void Dealer::handle_event(int event) {
  switch (phase_) {
    case Phase::kConnecting:
      if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        loop_.cancel(timer_);
        timer_ = 0;
        ever_connected_ = true;
        met_master_ = true;
        phase_ = Phase::kConnected;
        if (on_connected_) on_connected_();
        flush();
      } else if (event == ZMQ_EVENT_CONNECT_RETRIED && both_families_ && !ever_connected_ &&
                 timer_ == 0) {
        timer_ = loop_.call_after(kNextFamilyDelay, [this] { try_next_family(); });
      }
      break;
    case Phase::kConnected:
      if (event == ZMQ_EVENT_DISCONNECTED) phase_ = Phase::kConnecting;
      break;
    case Phase::kClosing:
      if (event == ZMQ_EVENT_MONITOR_STOPPED) closed();
      break;
    case Phase::kPausing:
      break;
  }
}

}  // namespace locust::proto
