#include "master/web/http_server.h"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <set>
#include <utility>
#include <vector>

#include "master/web/http_core.h"

namespace locust::master::web {
namespace {

constexpr Duration kAcceptAgain = std::chrono::milliseconds(100);

// Stock's name for all interfaces, or IPv6's, whose socket accepts IPv4 too.
bool is_all_interfaces(const std::string& host) {
  return host.empty() || host == "*" || host == "::";
}

// The candidates to listen on; the first that works is used.
Result<std::vector<tcp::endpoint>> endpoints(net::io_context& io, const ServerOptions& options) {
  const auto port = static_cast<unsigned short>(options.port);
  if (is_all_interfaces(options.host)) {
    return std::vector<tcp::endpoint>{{tcp::v6(), port}, {tcp::v4(), port}};
  }
  error_code error;
  std::vector<tcp::endpoint> found;
  for (const auto& entry : tcp::resolver(io).resolve(options.host, std::to_string(port), error)) {
    found.push_back(entry.endpoint());
  }
  if (error) return Error{"--web-host: " + options.host + ": " + error.message()};
  return found;
}

// An IPv6 socket for all interfaces accepts IPv4 too.
error_code bind_to(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool all_interfaces) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(net::ip::v6_only(!all_interfaces), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

Result<void> load(net::ssl::context& context, const TlsFiles& files) {
  using Context = net::ssl::context;
  context.set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 |
                      Context::no_tlsv1 | Context::no_tlsv1_1);
  // The kinds of TLS 1.3: with forward secrecy and without CBC, whose padding has been attacked too
  // often.
  SSL_CTX_set_cipher_list(context.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
  // There is nobody to enter a password.
  context.set_password_callback([](std::size_t, Context::password_purpose) { return ""; });
  error_code error;
  context.use_certificate_chain_file(files.cert, error);
  if (error) return Error{"--tls-cert: cannot use " + files.cert + ": " + error.message()};
  context.use_private_key_file(files.key, Context::pem, error);
  if (error) return Error{"--tls-key: cannot use " + files.key + ": " + error.message()};
  return {};
}

}  // namespace

void UnsentBodies::add(const Text& body) {
  if (readers_[body.get()]++ == 0) bytes_ += body->size();
}

void UnsentBodies::remove(const Text& body) {
  const auto known = readers_.find(body.get());
  if (--known->second > 0) return;
  readers_.erase(known);
  bytes_ -= body->size();
}

Result<void> HttpServer::Core::listen(const ServerOptions& options) {
  if (options.tls) {
    tls.emplace(net::ssl::context::tls_server);
    if (auto loaded = load(*tls, *options.tls); !loaded) return loaded;
  }
  const auto candidates = endpoints(io, options);
  if (!candidates) return Error{candidates.error()};
  const bool all_interfaces = is_all_interfaces(options.host);
  error_code error;
  for (const tcp::endpoint& endpoint : *candidates) {
    error = bind_to(acceptor, endpoint, all_interfaces);
    if (!error) return {};
    // The other address helps only if the system has no IPv6.
    if (all_interfaces && error == net::error::address_in_use) break;
  }
  return Error{"--web-host/--web-port: cannot listen on " + (all_interfaces ? "*" : options.host) +
               ":" + std::to_string(options.port) + ": " + error.message()};
}

void HttpServer::Core::accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      take(std::move(socket));
      return accept();
    }
    // No descriptor is free.
    (void)make_room();
    accept_again.expires_after(kAcceptAgain);
    accept_again.async_wait([this](const error_code& cancelled) {
      if (!cancelled) accept();
    });
  });
}

void HttpServer::Core::take(tcp::socket socket) {
  if (connections.size() >= limits.connections && !make_room()) return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto connection = make_connection(*this, std::move(socket));
  connections.insert(connection);
  connection->start();
}

bool HttpServer::Core::make_room() {
  const auto first =
      std::min_element(connections.begin(), connections.end(),
                       [](const auto& a, const auto& b) { return a->waiting() < b->waiting(); });
  if (first == connections.end() || (*first)->waiting().what == Waiting::For::kNever) return false;
  const auto taken_out = connections.extract(first);
  taken_out.value()->close();
  return true;
}

void HttpServer::Core::bound_unsent(const Connection& newest) {
  while (unsent.bytes() > limits.unsent_bytes) {
    std::shared_ptr<Connection> longest;
    for (const auto& connection : connections) {
      if (connection.get() == &newest || !connection->has_unsent_body()) continue;
      if (!longest || connection->waiting() < longest->waiting()) longest = connection;
    }
    if (!longest) return;
    longest->close();
  }
}

void HttpServer::Core::close_all() {
  error_code ignored;
  acceptor.close(ignored);
  for (const auto& connection : std::set(connections)) connection->close();
}

HttpServer::HttpServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerOptions& options) {
  auto core = std::make_shared<Core>(options.limits);
  if (auto listening = core->listen(options); !listening) return Error{listening.error()};
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

HttpServer::~HttpServer() {
  core_->io.stop();
  if (core_->thread.joinable()) core_->thread.join();
  core_->close_all();
  core_->handler = nullptr;
}

int HttpServer::port() const { return core_->acceptor.local_endpoint().port(); }

void HttpServer::start(Handler handler) {
  core_->handler = std::move(handler);
  core_->accept();
  core_->thread = std::thread([core = core_.get()] { core->io.run(); });
}

void HttpServer::post(std::function<void()> task) { net::post(core_->io, std::move(task)); }

void HttpServer::publish(const Text& event, const MayRead& may_read) {
  // A copy, because closed connections leave the set.
  for (const auto& connection : std::set(core_->connections)) {
    const std::string* owner = connection->stream_owner();
    if (owner == nullptr) continue;
    if (may_read && !may_read(*owner)) {
      connection->close();
    } else {
      connection->take_event(event);
    }
  }
}

}  // namespace locust::master::web
