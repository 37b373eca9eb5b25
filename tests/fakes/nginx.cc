#include "tests/fakes/nginx.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace locust::fakes {
namespace {

constexpr const char* kProgram = "/usr/sbin/nginx";
constexpr int kAttempts = 5000;  // of a millisecond

bool answers(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(fd);
  return result == 0;
}

std::string with_directory(std::string text, const std::string& directory) {
  constexpr std::string_view kMark = "@DIR@";
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark))
    text.replace(at, kMark.size(), directory);
  return text;
}

}  // namespace

bool Nginx::installed() { return ::access(kProgram, X_OK) == 0; }

Nginx::Nginx(const std::string& servers) {
  std::string path = "/tmp/locust-nginx-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = path;
  std::string config =
      "daemon off; master_process off; worker_processes 1; pid @DIR@/pid;\n"
      "error_log @DIR@/error.log; events { worker_connections 512; }\nhttp {\n"
      "access_log @DIR@/access.log;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    config += std::string(kind) + "_temp_path @DIR@/" + kind + ";\n";
  config += servers + "\nserver { listen unix:@DIR@/ready.sock; }\n}\n";
  std::ofstream(directory_ + "/nginx.conf") << with_directory(config, directory_);

  std::string file = directory_ + "/nginx.conf";
  std::string log = directory_ + "/start.log";
  std::array<char*, 7> arguments = {const_cast<char*>("nginx"),
                                    const_cast<char*>("-p"),
                                    directory_.data(),
                                    const_cast<char*>("-c"),
                                    file.data(),
                                    nullptr,
                                    nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_CREAT | O_WRONLY,
                                     0600);
  const int failed = ::posix_spawn(&pid_, kProgram, &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start nginx");
  for (int i = 0; i < kAttempts; ++i) {
    if (answers(directory_ + "/ready.sock")) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      std::ifstream why(log);
      throw std::runtime_error("nginx: " + std::string(std::istreambuf_iterator<char>(why), {}));
    }
    ::usleep(1000);  // real-time: another process starts
  }
  throw std::runtime_error("nginx does not answer");
}

Nginx::~Nginx() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool ok = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!ok) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

}  // namespace locust::fakes
