#include "tests/target/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace locust {
namespace {

constexpr Duration kDrainTime = std::chrono::seconds(2);
constexpr std::size_t kMaxBatchBytes = 1024 * 1024;
constexpr std::size_t kKeptOutputBytes = 64 * 1024;

std::uint32_t awaited_events(bool reads, bool writes) {
  // EPOLLRDHUP alone tells that the client has gone without reading what it may have sent.
  return reads ? EPOLLIN : writes ? EPOLLOUT : EPOLLRDHUP;
}

const std::string& filler() {
  static const std::string bytes(256 * 1024, 'x');
  return bytes;
}

}  // namespace

TargetConnection::TargetConnection(TargetShared& shared, int fd) : shared_(shared), fd_(fd) {
  shared_.loop.watch(fd_, EPOLLIN, [this](std::uint32_t) { on_ready(); });
  TargetCounts& counts = shared_.routes.counts();
  ++counts.connections_accepted;
  ++counts.connections_open;
}

TargetConnection::~TargetConnection() {
  shared_.loop.cancel(timer_);
  shared_.loop.unwatch(fd_);
  ::close(fd_);
  --shared_.routes.counts().connections_open;
}

void TargetConnection::on_ready() {
  switch (state_) {
    case State::kReading:
      read();
      break;
    case State::kDelayed:
      go_away();
      break;
    case State::kWriting:
      write();
      break;
    case State::kDraining:
      drain();
      break;
    case State::kClosed:
      break;
  }
  end_turn();
}

void TargetConnection::on_timer() {
  timer_ = 0;
  if (state_ == State::kDelayed) {
    --shared_.routes.counts().in_flight;
    state_ = State::kWriting;
    write();
  } else {
    state_ = State::kClosed;
  }
  end_turn();
}

// The one place that changes what is waited for, and where a connection may cease to exist.
void TargetConnection::end_turn() {
  if (state_ == State::kClosed) {
    shared_.dispose(*this);
    return;
  }
  if (state_ == watched_state_) return;
  watched_state_ = state_;
  const bool reads = state_ == State::kReading || state_ == State::kDraining;
  shared_.loop.watch(fd_, awaited_events(reads, state_ == State::kWriting),
                     [this](std::uint32_t) { on_ready(); });
}

void TargetConnection::read() {
  const ssize_t count = ::recv(fd_, shared_.input.data(), shared_.input.size(), 0);
  if (count > 0) {
    serve(std::string_view(shared_.input).substr(0, static_cast<std::size_t>(count)));
  } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    state_ = State::kClosed;
  }
}

// Answers the requests in `input` with one write per batch; a batch ends where a response cannot be
// sent yet. What then remains is kept.
void TargetConnection::serve(std::string_view input) {
  do {
    answer_batch(input);
    send_batch();
  } while (state_ == State::kReading && !input.empty());
  if (ending_ == Ending::kNone) input_.assign(input);
}

void TargetConnection::answer_batch(std::string_view& input) {
  shared_.output.clear();
  held_from_ = std::string::npos;
  while (!input.empty() && ending_ == Ending::kNone && filler_left_ == 0 &&
         held_from_ == std::string::npos && shared_.output.size() < kMaxBatchBytes) {
    const TargetRequestParser::Status status = parser_.feed(input);
    if (status == TargetRequestParser::Status::kComplete) {
      answer();
    } else if (status != TargetRequestParser::Status::kIncomplete) {
      refuse(status);
    } else if (parser_.take_expects_continue()) {
      shared_.output += "HTTP/1.1 100 Continue\r\n\r\n";
    }
  }
}

void TargetConnection::answer() {
  const std::size_t begin = shared_.output.size();
  TargetReply reply(parser_.request(), shared_.output);
  shared_.routes.handle(parser_.request(), reply);
  filler_left_ = reply.filler_bytes();
  if (reply.end() == TargetReply::End::kReset) {
    ending_ = Ending::kReset;
  } else if (reply.end() == TargetReply::End::kClose) {
    ending_ = Ending::kClose;
  }
  if (reply.counted() && reply.status() != 0) ++unsent_requests_;
  if (const auto delay = reply.delay()) {
    held_from_ = begin;
    delay_ = *delay;
  }
}

void TargetConnection::refuse(TargetRequestParser::Status status) {
  int code = 400;
  if (status == TargetRequestParser::Status::kBodyTooLarge) code = 413;
  if (status == TargetRequestParser::Status::kHeadTooLarge) code = 431;
  if (status == TargetRequestParser::Status::kNotImplemented) code = 501;
  const TargetPage page =
      make_target_page(code, R"({"error":"no valid request"})", "Connection: close\r\n");
  shared_.output += page.head;
  shared_.output += page.body;
  ++shared_.routes.counts().malformed;
  // The client may still be sending: closing at once would reset the connection, and the client
  // would lose the response.
  ending_ = Ending::kDrain;
}

void TargetConnection::send_batch() {
  std::string_view batch = shared_.output;
  std::string_view ready = batch.substr(0, held_from_);
  const std::size_t ready_size = ready.size();
  if (!send_some(ready)) return go_away();
  batch.remove_prefix(ready_size - ready.size());
  if (held_from_ != std::string::npos) {
    if (ready.empty()) unsent_requests_ = std::min<std::uint64_t>(unsent_requests_, 1);
    output_.assign(batch);
    state_ = State::kDelayed;
    ++shared_.routes.counts().in_flight;
    timer_ = shared_.loop.call_after(delay_, [this] { on_timer(); });
  } else if (batch.empty() && filler_left_ == 0) {
    sent_all();
  } else {
    output_.assign(batch);
    state_ = State::kWriting;
  }
}

// Sends as much as there is room for, filler included where it follows, and cuts that from `text`.
// False if the client has gone.
bool TargetConnection::send_some(std::string_view& text) {
  while (!text.empty() || filler_left_ > 0) {
    std::array<iovec, 2> parts{};
    parts[0] = {const_cast<char*>(text.data()), text.size()};
    parts[1] = {const_cast<char*>(filler().data()),
                std::min<std::uint64_t>(filler_left_, filler().size())};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t count = filler_left_ == 0 ? ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL)
                                            : ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    const std::size_t of_text = std::min(text.size(), static_cast<std::size_t>(count));
    text.remove_prefix(of_text);
    filler_left_ -= static_cast<std::size_t>(count) - of_text;
  }
  return true;
}

// Continues with what an earlier batch left.
void TargetConnection::write() {
  std::string_view rest = std::string_view(output_).substr(output_sent_);
  if (!send_some(rest)) return go_away();
  output_sent_ = output_.size() - rest.size();
  if (!rest.empty() || filler_left_ > 0) return;
  output_sent_ = 0;
  output_.clear();
  if (output_.capacity() > kKeptOutputBytes) output_.shrink_to_fit();
  sent_all();
  if (state_ == State::kReading && !input_.empty()) serve(std::exchange(input_, {}));
}

void TargetConnection::sent_all() {
  unsent_requests_ = 0;
  switch (ending_) {
    case Ending::kNone:
      state_ = State::kReading;
      break;
    case Ending::kClose:
      state_ = State::kClosed;
      break;
    case Ending::kReset: {
      const linger at_once{1, 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      state_ = State::kClosed;
      break;
    }
    case Ending::kDrain:
      ::shutdown(fd_, SHUT_WR);
      state_ = State::kDraining;
      timer_ = shared_.loop.call_after(kDrainTime, [this] { on_timer(); });
      break;
  }
}

// The client has gone before it was answered.
void TargetConnection::go_away() {
  TargetCounts& counts = shared_.routes.counts();
  counts.aborted += unsent_requests_;
  if (state_ == State::kDelayed) --counts.in_flight;
  state_ = State::kClosed;
}

void TargetConnection::drain() {
  const ssize_t count = ::recv(fd_, shared_.input.data(), shared_.input.size(), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) state_ = State::kClosed;
}

}  // namespace locust
