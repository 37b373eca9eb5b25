#include "tests/target/server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace locust {
namespace {

constexpr int kBacklog = 4096;
constexpr int kMaxAcceptsPerTurn = 256;
constexpr std::size_t kInputBytes = 64 * 1024;
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

std::string system_message(int error) { return std::generic_category().message(error); }

// The first of the host's addresses that can be listened on.
Result<int> open_listener(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
      rc != 0)
    return Error{host + ": " + ::gai_strerror(rc)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  int error = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int fd = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      // Inherited by the connections.
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::bind(fd, address->ai_addr, address->ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0)
        return fd;
    }
    error = errno;
    if (fd >= 0) ::close(fd);
  }
  return Error{host + ":" + std::to_string(port) + ": " + system_message(error)};
}

}  // namespace

TargetServer::TargetServer(EventLoop& loop)
    : loop_(loop),
      shared_{loop,
              routes_,
              [this](TargetConnection& connection) { connections_.erase(connection.fd()); },
              std::string(kInputBytes, '\0'),
              {}} {}

TargetServer::~TargetServer() {
  loop_.cancel(accept_again_);
  if (listen_fd_ < 0) return;
  loop_.unwatch(listen_fd_);
  ::close(listen_fd_);
}

Result<std::string> TargetServer::listen(const std::string& host, std::uint16_t port) {
  const Result<int> listener = open_listener(host, port);
  if (!listener) return Error{listener.error()};
  listen_fd_ = *listener;
  loop_.watch(listen_fd_, EPOLLIN, [this](std::uint32_t) { accept_waiting(); });

  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  std::array<char, NI_MAXHOST> address{};
  std::array<char, NI_MAXSERV> service{};
  auto* const generic = reinterpret_cast<sockaddr*>(&bound);
  if (::getsockname(listen_fd_, generic, &size) != 0 ||
      ::getnameinfo(generic, size, address.data(), address.size(), service.data(), service.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return Error{host + ": " + system_message(errno)};
  port_ = static_cast<std::uint16_t>(std::stoi(service.data()));
  std::string name = address.data();
  if (bound.ss_family == AF_INET6) name.insert(0, 1, '[').push_back(']');
  return name.append(":").append(service.data());
}

void TargetServer::accept_waiting() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      connections_[fd] = std::make_unique<TargetConnection>(shared_, fd);
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EAGAIN) return;
    // Out of descriptors: the listener stays ready, so look away from it for a while.
    loop_.unwatch(listen_fd_);
    accept_again_ = loop_.call_after(kAcceptPause, [this] {
      loop_.watch(listen_fd_, EPOLLIN, [this](std::uint32_t) { accept_waiting(); });
    });
    return;
  }
}

}  // namespace locust
