#include "tests/target/server_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace locust {
namespace {

// Only a failing test waits that long.
constexpr int kMaxTurns = 500;
constexpr Duration kTurn = std::chrono::milliseconds(10);

std::size_t number_after(std::string_view text, std::string_view label, int base = 10) {
  const std::size_t at = text.find(label);
  std::size_t number = 0;
  if (at != std::string_view::npos)
    std::from_chars(text.data() + at + label.size(), text.data() + text.size(), number, base);
  return number;
}

}  // namespace

TargetClient::TargetClient(EventLoop& loop, std::uint16_t port)
    : loop_(loop), fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The kernel completes the connection before the server accepts it.
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TargetClient::~TargetClient() { close(); }

void TargetClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void TargetClient::close_with_reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

// Until the condition holds, or nothing more can come that would make it hold.
bool TargetClient::wait_for(const std::function<bool()>& condition) {
  for (int i = 0; i < kMaxTurns; ++i) {
    read_available();
    if (condition()) return true;
    if (ended_) return false;
    loop_.run_once(kTurn);
  }
  return false;
}

void TargetClient::read_available() {
  std::array<char, 65536> buffer;
  while (!ended_) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count > 0) received_.append(buffer.data(), static_cast<std::size_t>(count));
    ended_ = count <= 0;
    last_error_ = count < 0 ? errno : 0;
  }
}

bool TargetClient::send(std::string_view bytes) {
  bool failed = false;
  wait_for([&] {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    failed = sent < 0 && errno != EAGAIN;
    return failed || bytes.empty();
  });
  return !failed && bytes.empty();
}

bool TargetClient::stays_silent() {
  for (int i = 0; i < 20; ++i) loop_.run_once(Duration::zero());
  read_available();
  return received_.empty() && !ended_;
}

bool TargetClient::is_closed() {
  wait_for([&] { return ended_; });
  return ended_;
}

std::string TargetClient::take(std::size_t size) {
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

bool TargetClient::take_chunked_body(std::string& body) {
  for (std::size_t at = 0;;) {
    std::size_t line_end = 0;
    if (!wait_for([&] { return (line_end = received_.find("\r\n", at)) != std::string::npos; }))
      return false;
    const std::size_t size = number_after(std::string_view(received_).substr(at), "", 16);
    const std::size_t chunk_end = line_end + 2 + size + 2;
    if (!wait_for([&] { return received_.size() >= chunk_end; })) return false;
    body.append(received_, line_end + 2, size);
    at = chunk_end;
    if (size == 0) {
      take(at);
      return true;
    }
  }
}

TargetResponse TargetClient::receive(bool has_body) {
  TargetResponse response;
  std::size_t head_end = 0;
  if (!wait_for([&] { return (head_end = received_.find("\r\n\r\n")) != std::string::npos; }))
    return response;
  response.head = take(head_end + 4);
  if (has_body && response.has_header("Transfer-Encoding: chunked")) {
    if (!take_chunked_body(response.body)) return response;
  } else if (has_body) {
    const std::size_t size = number_after(response.head, "\r\nContent-Length: ");
    if (!wait_for([&] { return received_.size() >= size; })) return response;
    response.body = take(size);
  }
  response.status = static_cast<int>(number_after(response.head, "HTTP/1.1 "));
  return response;
}

TargetResponse TargetClient::request(std::string_view method, std::string_view target,
                                     std::string_view headers, std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: target\r\n");
  text.append(headers);
  if (!body.empty())
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("\r\n").append(body);
  send(text);
  return receive(method != "HEAD");
}

}  // namespace locust
