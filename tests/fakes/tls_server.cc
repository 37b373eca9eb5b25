#include "tests/fakes/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace locust::fakes {
namespace {

constexpr long kDay = 24L * 3600;
constexpr std::string_view kResponse = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

}  // namespace

TlsServer::TlsServer() : context_(SSL_CTX_new(TLS_server_method())) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that clients have closed
  make_certificate();
  listen();
  accepting_ = std::thread([this] { accept_all(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listen_fd_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int fd : open_) ::close(fd);
  ::close(listen_fd_);
  ::unlink(ca_file_.c_str());
}

void TlsServer::make_certificate() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  require(key && certificate, "no key");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::array<unsigned char, 5> common_name{'l', 'o', 'c', 'a', 'l'};
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name.data(),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* address =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate.get(), address, -1);
  X509_EXTENSION_free(address);
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "cannot sign");
  SSL_CTX_use_certificate(context_.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), key.get());

  std::string path = "/tmp/locust-tls-XXXXXX";
  const int fd = ::mkstemp(path.data());
  require(fd >= 0, "mkstemp");
  FILE* file = ::fdopen(fd, "w");
  PEM_write_X509(file, certificate.get());
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  ca_file_ = path;
}

void TlsServer::listen() {
  listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listen_fd_, generic, size) == 0 && ::listen(listen_fd_, 16) == 0 &&
              ::getsockname(listen_fd_, generic, &size) == 0,
          "listen");
  port_ = ntohs(address.sin_port);
}

void TlsServer::accept_all() {
  while (true) {
    const int fd = ::accept(listen_fd_, nullptr, nullptr);
    if (fd < 0) return;
    ++accepted_;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void TlsServer::serve(int fd) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), &SSL_free);
  SSL_set_fd(ssl.get(), fd);
  std::string in;
  std::array<char, 4096> buffer{};
  if (SSL_accept(ssl.get()) == 1) {
    for (int count = 1; count > 0;) {
      count = SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (count > 0) in.append(buffer.data(), static_cast<std::size_t>(count));
      if (!in.ends_with("\r\n\r\n")) continue;
      SSL_write(ssl.get(), kResponse.data(), static_cast<int>(kResponse.size()));
      in.clear();
    }
  }
  ::shutdown(fd, SHUT_RDWR);
}

}  // namespace locust::fakes
