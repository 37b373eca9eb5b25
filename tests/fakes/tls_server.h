// TlsServer: answers every request over TLS with "200 OK, hello", with a certificate of its own
// making for 127.0.0.1. Blocking, on threads of its own: the engine under test must not care.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace locust::fakes {

class TlsServer {
 public:
  TlsServer();
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  // The certificate as a PEM file, to be trusted, and its key; removed with the server.
  const std::string& ca_file() const { return ca_file_; }
  int accepted() const { return accepted_; }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  void make_certificate();
  void listen();
  void accept_all();
  void serve(int fd);

  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::string ca_file_;
  int listen_fd_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_{0};
  std::mutex mutex_;
  std::vector<int> open_;             // guarded by mutex_; closed by the destructor
  std::vector<std::thread> threads_;  // of the accepting thread until it has ended
  std::thread accepting_;
};

}  // namespace locust::fakes
