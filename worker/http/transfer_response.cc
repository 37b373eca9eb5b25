// The part of Transfer that handles responses and redirects.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "common/base/mask.h"
#include "worker/http/header_name.h"
#include "worker/http/transfer.h"

namespace locust::worker {
namespace {

constexpr std::size_t kMaxScheme = 20;  // of the name of a URL scheme that is shown
// The part of a failed response's body that is kept if the body is not: the shown part, and the
// part that masking must see.
constexpr std::size_t kKeptBytes = kEvidenceBytes + kMaskAhead;

// RFC 9110, 9.2.2; the same as geventhttpclient's IDEMPOTENT_METHODS.
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Lets the kernel choose the port when the destination is known: one address can have 28,000
// connections to each server instead of 28,000 in total.
void share_ports(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
}

Duration microseconds(curl_off_t us) { return std::chrono::microseconds(us); }

}  // namespace

// No exception may cross curl. Those of on_body and on_header mean that memory is exhausted.
std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& t = *static_cast<Transfer*>(self);
  const std::string_view piece(data, size * count);
  try {
    if (t.decoder_) return t.decode(piece);
    return t.take_body(piece) ? piece.size() : CURL_WRITEFUNC_ERROR;
  } catch (const std::bad_alloc&) {
    return CURL_WRITEFUNC_ERROR;
  }
}

// A piece that is too much work is left to curl, which passes it again after resume(), followed by
// the data that has arrived meanwhile.
std::size_t Transfer::decode(std::string_view piece) {
  std::string_view left = piece.substr(std::min(piece_taken_, piece.size()));
  for (bool done = false; !done;) {
    if (work_left_ == 0) {
      piece_taken_ = piece.size() - left.size();
      setup_.paused(setup_.context, easy_.get());
      return CURL_WRITEFUNC_PAUSE;
    }
    const auto step = decoder_->step(left);
    if (!step) failure_ = decoder_->failure();
    if (!step || !take_body(step->bytes)) return CURL_WRITEFUNC_ERROR;
    work_left_ -= std::min(work_left_, step->work);
    done = step->done;
  }
  piece_taken_ = 0;
  return piece.size();
}

// Returns false if the body is too large.
bool Transfer::take_body(std::string_view bytes) {
  HttpResponse& response = exchange_->response;
  response.content_length += bytes.size();
  const bool keep_all = request().keep_body;
  // A thousandth of a body on the wire is enough for a server to make a worker decode all of it.
  if ((keep_all || decoder_) && response.content_length > setup_.max_body_bytes) {
    failure_ = body_too_large_failure(setup_.max_body_bytes);
    return false;
  }
  if (keep_all) {
    response.body.append(bytes);
  } else if (keep_begin_) {
    // Without keep_body the body has only this part.
    response.body.append(bytes.substr(0, kKeptBytes - std::min(kKeptBytes, response.body.size())));
  }
  return true;
}

CURLcode Transfer::resume() {
  work_left_ = kWorkBytes;
  return curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(data, size * count);
  try {
    return static_cast<Transfer*>(self)->take_line(line) ? line.size() : 0;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

bool Transfer::take_line(std::string_view line) {
  const bool trailer = head_.complete();
  failure_ = head_.add(line);
  if (failure_) return false;
  std::string& headers = exchange_->response.headers;
  if (line.starts_with("HTTP/")) {
    headers.clear();  // of an interim response before, or none
    decoder_.reset();
    const std::size_t status = line.find(' ') + 1;
    const bool refused = status > 0 && status < line.size() && line[status] >= '4';
    keep_begin_ = refused || request().keep_begin;
    if (request().keep_headers) exchange_->response.reason = reason_of(line);
  } else if (line != "\r\n" && line != "\n") {
    if (request().keep_headers || keep_begin_) headers.append(line);
  } else if (!trailer && !head_.content_encoding().empty()) {
    decoder_.emplace(head_.content_encoding());
    if (decoder_->is_identity()) decoder_.reset();
  }
  return true;
}

// curl does not report why a socket could not be opened.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& t = *static_cast<Transfer*>(self);
  const int fd = t.setup_.open_socket(t.setup_.context, *address);
  if (fd >= 0 && !t.applied_.route.source_ip.empty()) share_ports(fd);
  t.socket_errno_ = fd < 0 ? errno : 0;
  t.spent_ |= t.requests_sent_ > 0;
  return fd;
}

std::size_t Transfer::on_read(char* into, std::size_t size, std::size_t count, void* self) {
  const auto got = static_cast<Transfer*>(self)->body_.read({into, size * count});
  return got ? *got : CURL_READFUNC_ABORT;
}

// curl sends a body again to answer a challenge or on another connection.
int Transfer::on_seek(void* self, curl_off_t offset, int origin) {
  const bool known = origin == SEEK_SET && offset >= 0;
  return known && static_cast<Transfer*>(self)->body_.seek(static_cast<std::uint64_t>(offset))
             ? CURL_SEEKFUNC_OK
             : CURL_SEEKFUNC_CANTSEEK;
}

// curl sends a request again if a reused connection turns out to be closed. Stock does so only for
// idempotent methods (client.py HTTPClient.request): a POST must not reach the server twice.
int Transfer::before_request(void* self, char*, char*, int, int) {
  auto& t = *static_cast<Transfer*>(self);
  const bool again = t.requests_sent_++ > 0;
  // The answer to a challenge is not a repetition: the server has refused the first request.
  const bool answers_challenge = t.applied_.digest && t.head_.complete();
  if (!again || answers_challenge) return CURL_PREREQFUNC_OK;
  t.spent_ = true;
  return is_idempotent(t.method_) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool Transfer::finish_hop(CURLcode code) {
  std::optional<Failure> cut_off;
  if (decoder_ && !decoder_->finish()) cut_off = decoder_->failure();
  leave_hop();
  HttpResponse& response = exchange_->response;
  if (code == CURLE_OK && !head_.complete()) {
    fail(truncated_headers_failure());
    return false;
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (head_.complete()) response.status = static_cast<int>(status);
  read_phases();
  if (code != CURLE_OK) {
    fail(describe(code));
    return false;
  }
  char* target = nullptr;
  if (request().allow_redirects && request().max_redirects > 0 && is_redirect(response.status)) {
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
  }
  if (target != nullptr) return redirect_to(encode_illegal(target));
  if (cut_off) fail(std::move(*cut_off));
  return false;
}

// useragent.py UserAgent.urlopen and CompatRequest.redirect.
bool Transfer::redirect_to(const std::string& target) {
  HttpResponse& response = exchange_->response;
  const int status = std::exchange(response.status, 0);
  if (response.redirects == request().max_redirects) {
    fail(redirect_limit_failure(request().url, request().max_redirects));
    return false;
  }
  // An invalid scheme is not quoted: it could be different in every response, and each text is a
  // row of its own.
  const std::size_t colon = std::min(target.find(':'), target.size());
  const std::string_view before = std::string_view(target).substr(0, colon);
  const std::string_view scheme = is_token(before) && colon <= kMaxScheme ? before : "";
  if (!same_name(scheme, "http") && !same_name(scheme, "https")) {
    fail(redirect_scheme_failure(url_, scheme));
    return false;
  }
  if (response.redirects == 0) first_origin_ = origin_;
  if (status <= 303) {
    if (method_ != "HEAD") method_ = "GET";
    drop_body_ = true;
  }
  drop_cookie_ = true;
  ++response.redirects;
  url_ = target;
  response.redirected_url = target;
  return true;
}

Failure Transfer::describe(CURLcode code) {
  if (body_.failure()) return *body_.failure();
  if (failure_) return *failure_;
  long os_errno = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_errno);
  return describe_failure(
      {.code = code,
       .os_errno = socket_errno_ != 0 ? socket_errno_ : static_cast<int>(os_errno),
       .detail = error_.data(),
       .url = request().url,
       .hop_url = url_,
       .host = origin_.host,
       .any_response = head_.any(),
       .headers_complete = head_.complete()});
}

void Transfer::read_phases() {
  curl_off_t connected = 0;
  curl_off_t tls_done = 0;
  curl_off_t first_byte = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME_T, &connected);
  curl_easy_getinfo(easy_.get(), CURLINFO_APPCONNECT_TIME_T, &tls_done);
  curl_easy_getinfo(easy_.get(), CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
  HttpPhases& phases = exchange_->response.phases;
  phases.connected = microseconds(connected);
  phases.tls_done = microseconds(tls_done);
  phases.first_byte = microseconds(first_byte);
}

void Transfer::fail(Failure failure) {
  leave_hop();
  exchange_->response.error = failure.kind;
  exchange_->response.error_text = std::move(failure.text);
}

void Transfer::time_out(bool on_the_wire) {
  bool in_handshake = false;
  if (on_the_wire) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (head_.complete()) exchange_->response.status = static_cast<int>(status);
    read_phases();
    long local_port = 0;  // known once TCP is connected
    curl_easy_getinfo(easy_.get(), CURLINFO_LOCAL_PORT, &local_port);
    in_handshake = origin_.scheme == "https" && local_port > 0 && requests_sent_ == 0;
  }
  fail(timeout_failure(request().url, in_handshake, head_.complete()));
}

}  // namespace locust::worker
