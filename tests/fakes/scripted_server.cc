#include "tests/fakes/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace locust::fakes {
namespace {

constexpr int kBacklog = 4096;

}  // namespace

std::optional<std::string> ScriptedServer::Request::header(std::string_view name) const {
  std::size_t line = head.find("\r\n");
  while (line != std::string::npos && line + 2 < head.size()) {
    line += 2;
    const std::size_t end = std::min(head.find("\r\n", line), head.size());
    const std::size_t colon = head.find(':', line);
    if (colon < end && colon - line == name.size() &&
        ::strncasecmp(head.c_str() + line, name.data(), name.size()) == 0) {
      const std::size_t value = head.find_first_not_of(' ', colon + 1);
      return value < end ? head.substr(value, end - value) : std::string();
    }
    line = head.find("\r\n", line);
  }
  return std::nullopt;
}

ScriptedServer::ScriptedServer(EventLoop& loop)
    : loop_(loop), listen_fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listen_fd_, generic, size) != 0 || ::listen(listen_fd_, kBacklog) != 0 ||
      ::getsockname(listen_fd_, generic, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "ScriptedServer");
  port_ = ntohs(address.sin_port);
  loop_.watch(listen_fd_, EPOLLIN, [this](std::uint32_t) { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  while (!connections_.empty()) end(connections_.begin()->first, false);
  loop_.unwatch(listen_fd_);
  ::close(listen_fd_);
}

std::string ScriptedServer::url(const std::string& target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + target;
}

ScriptedServer::Reply ScriptedServer::ok(const std::string& body, const std::string& headers) {
  return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
          "\r\n" + body};
}

ScriptedServer::Reply ScriptedServer::redirect(int status, const std::string& location,
                                               const std::string& headers) {
  return {"HTTP/1.1 " + std::to_string(status) +
          " Moved\r\nContent-Length: 5\r\nLocation: " + location + "\r\n" + headers + "\r\nmoved"};
}

void ScriptedServer::accept_all() {
  while (true) {
    const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int id = ++last_connection_;
    connections_[id].fd = fd;
    if (on_accept_ != Then::kKeep) {
      end(id, on_accept_ == Then::kReset);
      continue;
    }
    loop_.watch(fd, EPOLLIN, [this, id](std::uint32_t ready) { on_ready(id, ready); });
  }
}

void ScriptedServer::on_ready(int id, std::uint32_t ready) {
  if ((ready & EPOLLOUT) != 0) flush(id);
  const auto it = connections_.find(id);
  if (it == connections_.end() || (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  std::array<char, 16384> buffer;
  const auto count = ::recv(it->second.fd, buffer.data(), buffer.size(), 0);
  if (count > 0) {
    it->second.in.append(buffer.data(), static_cast<std::size_t>(count));
    answer(id);
  } else if (count == 0 || errno != EAGAIN) {
    end(id, false);
  }
}

// Answers every request that has arrived whole.
void ScriptedServer::answer(int id) {
  if (on_bytes_) {
    const Reply reply = on_bytes_();
    return say(id, reply.bytes, reply.then);
  }
  while (connections_.contains(id)) {
    Connection& connection = connections_[id];
    std::string& in = connection.in;
    const std::size_t head_end = in.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    Request request;
    request.head = in.substr(0, head_end + 2);
    request.connection = id;
    const std::size_t length = std::stoul(request.header("Content-Length").value_or("0"));
    const std::size_t came = std::min(in.size() - head_end - 4, length - connection.dropped);
    if (!keep_bodies_) {
      in.erase(head_end + 4, came);
      connection.dropped += came;
    }
    if (came < length && connection.dropped < length) return;
    if (keep_bodies_) request.body = in.substr(head_end + 4, length);
    in.erase(0, head_end + 4 + request.body.size());
    connection.dropped = 0;
    request.body_bytes = length;
    const std::size_t space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    requests_.push_back(request);
    const auto handler = handlers_.find(request.target);
    const Reply reply = handler != handlers_.end()
                            ? handler->second(request)
                            : Reply{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
    say(id, reply.bytes, reply.then);
  }
}

void ScriptedServer::say(int id, const std::string& bytes, Then then) {
  const auto it = connections_.find(id);
  if (it == connections_.end()) return;
  it->second.out += bytes;
  it->second.then = then;
  flush(id);
}

void ScriptedServer::flush(int id) {
  const auto it = connections_.find(id);
  if (it == connections_.end()) return;
  Connection& c = it->second;
  while (!c.out.empty()) {
    const auto count = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) {
      loop_.watch(c.fd, EPOLLIN | EPOLLOUT,
                  [this, id](std::uint32_t ready) { on_ready(id, ready); });
      return;
    }
    if (count < 0) return end(id, false);
    c.out.erase(0, static_cast<std::size_t>(count));
  }
  if (c.then != Then::kKeep) return end(id, c.then == Then::kReset);
  loop_.watch(c.fd, EPOLLIN, [this, id](std::uint32_t ready) { on_ready(id, ready); });
}

void ScriptedServer::end(int id, bool reset) {
  const int fd = connections_.at(id).fd;
  if (reset) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  connections_.erase(id);
  loop_.unwatch(fd);
  ::close(fd);
}

}  // namespace locust::fakes
