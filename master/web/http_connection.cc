// A connection: reads its requests one after the other and writes their responses, or events.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <deque>
#include <exception>
#include <utility>

#include "common/base/log.h"
#include "master/web/file_parts.h"
#include "master/web/http_core.h"

namespace locust::master::web {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr char kTlsHandshake = 0x16;  // the first byte of one

Response plain(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::make_shared<const std::string>(std::string(text) + "\n");
  return response;
}

// "Thu, 26 Nov 2026 15:04:08 GMT"
std::string http_date() {
  const auto now = static_cast<std::time_t>(SystemClock().wall_time());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

std::string head_of(const Response& response, std::uint64_t size, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += std::string(
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
  head += "\r\nDate: " + http_date();
  head += "\r\nContent-Type: " + response.content_type;
  if (!response.stream && response.status != 204 && response.status != 304) {
    head += "\r\nContent-Length: " + std::to_string(size);
  }
  head += keep_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  for (const auto& [name, value] : response.headers) head += "\r\n" + name + ": " + value;
  return head + "\r\n\r\n";
}

// The response to a request that cannot be read; nullopt if its sender is gone.
std::optional<Response> refusal(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return plain(431, "Request header too large");
  }
  if (error == http::error::body_limit) return plain(413, "Request body too large");
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != make_error_code(http::error::end_of_stream).category()) {
    return std::nullopt;
  }
  return plain(400, "Bad request");
}

std::string peer_of(const tcp::socket& socket) {
  error_code error;
  const net::ip::address address = socket.remote_endpoint(error).address();
  if (error) return "";
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// Grows as the body arrives, whatever length the head announces.
struct ArrivingBody : http::string_body {
  class reader : public http::string_body::reader {  // NOLINT: Beast looks for this name
   public:
    using http::string_body::reader::reader;
    void init(const boost::optional<std::uint64_t>&, error_code& error) {
      http::string_body::reader::init(boost::none, error);
    }
  };
};

using ServerCore = HttpServer::Core;

template <typename Stream>
class HttpConnection final : public Connection,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  template <typename... Arguments>
  explicit HttpConnection(ServerCore& core, tcp::socket socket, Arguments&... arguments)
      : core_(core),
        peer_(peer_of(socket)),
        stream_(std::move(socket), arguments...),
        buffer_(core.limits.header_bytes + kReadAhead) {}

  void start() override;
  void close() override;
  void answer(std::uint64_t request, Response response) override;
  void take_event(const Text& event) override;
  const std::string* stream_owner() const override {
    return streams_ ? &response_.stream_owner : nullptr;
  }
  bool has_unsent_body() const override { return unsent_ != nullptr; }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;
  static constexpr std::size_t kReadAhead = std::size_t{64} << 10;
  static constexpr std::size_t kSmallBody = std::size_t{16} << 10;

  beast::tcp_stream& tcp_layer() { return beast::get_lowest_layer(stream_); }
  void wait_for(Waiting::For what, Duration at_most);
  void release_body() { core_.bodies_bytes -= std::exchange(claimed_, 0); }
  void release_unsent();
  void read_head(Duration at_most);
  void on_handshake(const error_code& error);
  void on_head(const error_code& error);
  void read_body();
  void on_body_part(const error_code& error);
  void on_request();
  Request take_request();
  void refuse(Response response);
  void write(Response response);
  void write_body();
  void on_response();
  void write_file();
  void on_written();
  void write_event();
  void on_event();
  void linger();
  void discard();
  void on_discarded(const error_code& error);

  // Calls the member when the operation has ended, keeping the connection alive until then, unless
  // it was closed meanwhile. One type for all of them, as Sent, because Asio's and Beast's
  // operations are compiled anew for each.
  struct Ended {
    std::shared_ptr<HttpConnection> self;
    void (HttpConnection::*next)(const error_code&);
    void operator()(const error_code& error, std::size_t = 0) const {
      if (!self->closed_) (*self.*next)(error);
    }
  };
  Ended then(void (HttpConnection::*next)(const error_code&)) {
    return {this->shared_from_this(), next};
  }

  // As Ended, of sending: if that fails the connection is closed.
  struct Sent {
    std::shared_ptr<HttpConnection> self;
    void (HttpConnection::*next)();
    void operator()(const error_code& error, std::size_t) const {
      if (self->closed_) return;
      if (error) return self->close();
      (*self.*next)();
    }
  };
  void send(net::const_buffer text, void (HttpConnection::*next)()) {
    net::async_write(stream_, text, Sent{this->shared_from_this(), next});
  }

  ServerCore& core_;
  const std::string peer_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<ArrivingBody>> parser_;
  bool closed_ = false;
  std::size_t claimed_ = 0;     // of core_.bodies_bytes
  std::uint64_t requests_ = 0;  // read so far
  bool awaits_answer_ = false;  // to the last one
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool refused_ = false;
  bool streams_ = false;         // events are sent after the response
  Response response_;            // being written
  Text unsent_;                  // its body, as long as core_.unsent counts it
  std::string head_;             // of response_
  FileParts file_;               // of response_
  std::deque<Text> events_;      // of a stream; the first is being written
  std::array<char, 4096> rest_;  // read and discarded
};

template <typename Stream>
void HttpConnection<Stream>::wait_for(Waiting::For what, Duration at_most) {
  this->waiting_ = {what, core_.next_moment()};
  tcp_layer().expires_after(at_most);
}

template <typename Stream>
void HttpConnection<Stream>::start() {
  if constexpr (kTls) {
    wait_for(Waiting::For::kRequest, core_.limits.header_time);
    stream_.async_handshake(net::ssl::stream_base::server, then(&HttpConnection::on_handshake));
  } else {
    read_head(core_.limits.header_time);
  }
}

template <typename Stream>
void HttpConnection<Stream>::on_handshake(const error_code& error) {
  if (error) return close();
  read_head(core_.limits.header_time);
}

template <typename Stream>
void HttpConnection<Stream>::close() {
  if (std::exchange(closed_, true)) return;
  release_body();
  release_unsent();
  error_code ignored;
  tcp_layer().socket().close(ignored);
  core_.forget(this->shared_from_this());
}

template <typename Stream>
void HttpConnection<Stream>::release_unsent() {
  if (const Text body = std::exchange(unsent_, nullptr)) core_.unsent.remove(body);
}

template <typename Stream>
void HttpConnection<Stream>::read_head(Duration at_most) {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_.limits.header_bytes));
  parser_->body_limit(core_.limits.body_bytes);
  wait_for(Waiting::For::kRequest, at_most);
  http::async_read_header(stream_, buffer_, *parser_, then(&HttpConnection::on_head));
}

template <typename Stream>
void HttpConnection<Stream>::on_head(const error_code& error) {
  if (error) {
    const auto seen = buffer_.data();
    if (!kTls && seen.size() > 0 && *static_cast<const char*>(seen.data()) == kTlsHandshake &&
        core_.log_limit.allow()) {
      log::main().warn(
          "An https request was made against Locust's Web UI (which was expecting http)");
    }
    if (auto response = refusal(error)) return refuse(*std::move(response));
    return close();
  }
  wait_for(Waiting::For::kRequest, core_.limits.body_time);
  if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    return send(net::buffer(kContinue), &HttpConnection::read_body);
  }
  read_body();
}

template <typename Stream>
void HttpConnection<Stream>::read_body() {
  if (parser_->is_done()) return on_request();
  parser_->eager(true);
  http::async_read_some(stream_, buffer_, *parser_, then(&HttpConnection::on_body_part));
}

template <typename Stream>
void HttpConnection<Stream>::on_body_part(const error_code& error) {
  if (error) {
    if (auto response = refusal(error)) return refuse(*std::move(response));
    return close();
  }
  release_body();
  const std::size_t size = parser_->get().body().size();
  if (size > core_.limits.small_body_bytes) {
    claimed_ = size;
    core_.bodies_bytes += size;
  }
  if (claimed_ > 0 && core_.bodies_bytes > core_.limits.bodies_bytes) {
    return refuse(plain(503, "Too many large requests at once; try again"));
  }
  read_body();
}

template <typename Stream>
Request HttpConnection<Stream>::take_request() {
  auto message = parser_->release();
  Request request;
  request.method = std::string(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  // "GET http://host/path", as to a proxy.
  if (const std::size_t scheme = target.find("://");
      !target.starts_with('/') && scheme != std::string_view::npos) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const std::size_t end_of_path = std::min(target.find('?'), target.size());
  request.path = target.substr(0, end_of_path);
  if (end_of_path < target.size()) request.query = target.substr(end_of_path + 1);
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = peer_;
  request.secure = kTls;
  keep_alive_ = message.keep_alive();
  head_only_ = message.method() == http::verb::head;
  return request;
}

template <typename Stream>
void HttpConnection<Stream>::on_request() {
  Request request = take_request();
  this->waiting_.what = Waiting::For::kNever;
  tcp_layer().expires_never();
  awaits_answer_ = true;
  const std::weak_ptr<Connection> self = this->shared_from_this();
  const std::uint64_t number = ++requests_;
  // Posted functions must not hold the core: their queue is part of it.
  const Respond respond = [core = core_.shared_from_this(), self, number](Response response) {
    net::post(core->io, [self, number, response = std::move(response)]() mutable {
      if (const auto connection = self.lock()) connection->answer(number, std::move(response));
    });
  };
  try {
    core_.handler(std::move(request), respond);
  } catch (const std::exception& e) {
    log::main().error("The web server cannot answer a request: {}", e.what());
    respond(plain(500, "Internal server error"));
  }
}

template <typename Stream>
void HttpConnection<Stream>::answer(std::uint64_t request, Response response) {
  if (closed_ || request != requests_ || !std::exchange(awaits_answer_, false)) return;
  release_body();
  write(std::move(response));
}

template <typename Stream>
void HttpConnection<Stream>::refuse(Response response) {
  keep_alive_ = false;
  head_only_ = false;
  refused_ = true;
  release_body();
  write(std::move(response));
}

// Sends the current content only: the file may be growing.
template <typename Stream>
void HttpConnection<Stream>::write(Response response) {
  response_ = std::move(response);
  keep_alive_ = keep_alive_ && !response_.stream;
  streams_ = response_.stream && !head_only_;
  std::uint64_t size = response_.body ? response_.body->size() : 0;
  if (response_.file) {
    if (!file_.open(*response_.file)) return refuse(plain(500, "The file cannot be read"));
    size = file_.left();
  }
  head_ = head_of(response_, size, keep_alive_);
  if (response_.body && !response_.file && !head_only_) {
    unsent_ = response_.body;
    core_.unsent.add(unsent_);
  }
  const std::size_t body_size = unsent_ ? unsent_->size() : 0;
  wait_for(
      Waiting::For::kTaking,
      core_.limits.write_time + std::chrono::seconds(body_size / core_.limits.bytes_per_second));
  core_.bound_unsent(*this);
  // A small body leaves with its head. Boost 1.74's ssl_stream cannot gather: of two buffers it
  // writes the first and reports both as written.
  if (body_size > kSmallBody) return send(net::buffer(head_), &HttpConnection::write_body);
  if (body_size > 0) head_ += *unsent_;
  send(net::buffer(head_), &HttpConnection::on_response);
}

template <typename Stream>
void HttpConnection<Stream>::write_body() {
  send(net::buffer(*unsent_), &HttpConnection::on_response);
}

// The response is written, except for its file.
template <typename Stream>
void HttpConnection<Stream>::on_response() {
  if (response_.file && !head_only_) return write_file();
  on_written();
}

template <typename Stream>
void HttpConnection<Stream>::write_file() {
  if (file_.left() == 0) return on_written();
  const auto part = file_.next();
  if (!part) return close();
  wait_for(Waiting::For::kTaking, core_.limits.write_time);
  send(net::buffer(*part), &HttpConnection::write_file);
}

template <typename Stream>
void HttpConnection<Stream>::on_written() {
  release_unsent();
  response_.body.reset();
  file_.close();
  if (refused_) return linger();
  if (keep_alive_) return read_head(core_.limits.idle_time);
  if (!streams_) return linger();
  this->waiting_ = {Waiting::For::kStream, core_.next_moment()};
  if (!events_.empty()) write_event();
}

// ---- Streams ----

template <typename Stream>
void HttpConnection<Stream>::take_event(const Text& event) {
  if (closed_ || !streams_) return;
  if (events_.size() == core_.limits.unsent_events) return close();
  events_.push_back(event);
  const bool begun = this->waiting_.what == Waiting::For::kStream;
  if (begun && events_.size() == 1) write_event();
}

template <typename Stream>
void HttpConnection<Stream>::write_event() {
  tcp_layer().expires_after(core_.limits.write_time);
  send(net::buffer(*events_.front()), &HttpConnection::on_event);
}

template <typename Stream>
void HttpConnection<Stream>::on_event() {
  events_.pop_front();
  if (!events_.empty()) write_event();
}

// ---- The end ----

// If the socket were closed immediately, a client that is still sending would lose the response by
// a reset.
template <typename Stream>
void HttpConnection<Stream>::linger() {
  error_code ignored;
  tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
  wait_for(Waiting::For::kRequest, core_.limits.linger_time);
  discard();
}

template <typename Stream>
void HttpConnection<Stream>::discard() {
  tcp_layer().async_read_some(net::buffer(rest_), then(&HttpConnection::on_discarded));
}

template <typename Stream>
void HttpConnection<Stream>::on_discarded(const error_code& error) {
  if (error) return close();
  discard();
}

}  // namespace

std::shared_ptr<Connection> make_connection(HttpServer::Core& core, tcp::socket socket) {
  if (!core.tls) {
    return std::make_shared<HttpConnection<beast::tcp_stream>>(core, std::move(socket));
  }
  using TlsConnection = HttpConnection<beast::ssl_stream<beast::tcp_stream>>;
  return std::make_shared<TlsConnection>(core, std::move(socket), *core.tls);
}

}  // namespace locust::master::web
