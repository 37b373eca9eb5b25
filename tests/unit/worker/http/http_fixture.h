// What the tests of the HTTP room share: an engine, a scripted server and a clock that stands still,
// all on one loop.
#pragma once

#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/event_loop.h"
#include "common/base/file_descriptor.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/simulated_loop.h"
#include "worker/http/engine.h"

namespace locust::worker {

inline std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A port of `address` that answers no connection attempt: its queue is full and nobody accepts.
class DeafPort {
 public:
  // Port 0: any. port() is 0 if the machine has no such address.
  explicit DeafPort(const std::string& address, int port = 0) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    const int fd = open(*found);
    if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, 0) != 0) return;
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    auto* name = reinterpret_cast<sockaddr*>(&bound);
    ::getsockname(fd, name, &size);
    for (int i = 0; i < 4; ++i) ::connect(open(*found), name, size);
    port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                              : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  }
  int port() const { return port_; }

 private:
  int open(const addrinfo& address) {
    sockets_.emplace_back(
        ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return sockets_.back().get();
  }

  std::vector<FileDescriptor> sockets_;
  int port_ = 0;
};

// A folder of the test's own.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("locust_http_" + std::to_string(::getpid()) + "_" + std::to_string(++count_))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  // The path of the new file.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  // One that is all zeros and takes no room on the disk.
  std::string write_zeros(const std::string& name, std::uintmax_t size) const {
    std::filesystem::resize_file(write(name, ""), size);
    return path(name);
  }

 private:
  inline static int count_ = 0;
  std::filesystem::path path_;
};

class HttpFixture : public testing::Test {
 protected:
  using Server = fakes::ScriptedServer;
  using Then = Server::Then;

  // A user's client with one exchange.
  struct Browser {
    std::unique_ptr<HttpClient> client;
    Exchange exchange;
    bool done = false;

    HttpRequest& request() { return exchange.request; }
    HttpResponse& response() { return exchange.response; }
  };

  std::unique_ptr<Browser> browser() {
    auto b = std::make_unique<Browser>();
    b->client = engine->new_client();
    return b;
  }
  void start(Browser& b, const std::string& url) {
    b.request().url = url;
    b.done = false;
    engine->start(*b.client, b.exchange, [&b] { b.done = true; });
  }
  const HttpResponse& fetch(Browser& b, const std::string& url) {
    start(b, url);
    run_until([&] { return b.done; });
    return b.response();
  }

  // Runs the loop until `condition` holds; real time only bounds a test that has failed anyway.
  void run_until(const std::function<bool()>& condition) {
    for (int turns = 0; !condition() && turns < 5000; ++turns)
      loop.run_once(std::chrono::milliseconds(2));
    ASSERT_TRUE(condition()) << "the loop ran dry";
  }
  // Lets everything happen that can happen without time passing.
  void settle() {
    for (int turns = 0; turns < 20; ++turns) loop.run_once(std::chrono::milliseconds(1));
  }

  void use(EngineOptions options) {
    engine.reset();
    engine = make_curl_engine(loop, std::move(options));
  }

  fakes::ManualClock clock;
  EventLoop loop{clock};
  Server server{loop};
  std::unique_ptr<HttpEngine> engine = make_curl_engine(loop, {});
};

}  // namespace locust::worker
