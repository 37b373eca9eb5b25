#include "worker/http/transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>

#include "common/python_repr.h"
#include "worker/http/cookies.h"
#include "worker/http/header_name.h"

namespace locust::worker {
namespace {

// curl's default, 64 KiB, stays allocated with each handle that has sent a body.
constexpr long kUploadBuffer = 16L << 10;
constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 20;
// Longer than any test: an idle user's connection stays usable as long as the server keeps it.
constexpr long kMaxIdleSeconds = 7L * 24 * 3600;
constexpr std::size_t kMaxScheme = 20;  // of the name of a URL scheme that is shown
// The engine times requests itself; only curl's own limit on connecting must not come before it.
constexpr Duration kCurlConnectTimeout = std::chrono::seconds(300);
constexpr long kNoConnectTimeout = 7L * 24 * 3600;

constexpr std::string_view kEnvironmentProxy = "env";
constexpr long kDnsCacheSeconds = 60;  // of what curl looks up itself

bool is_token(std::string_view text) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kSymbols.find(c) != std::string_view::npos;
  });
}

// RFC 9110, 9.2.2, as geventhttpclient's IDEMPOTENT_METHODS.
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

// "HTTP/1.1 404 Not Found\r\n" -> "Not Found", as much of it as anybody reads.
std::string_view reason_of(std::string_view line) {
  constexpr std::size_t kMaxReason = 200;
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  for (int i = 0; i < 2; ++i) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return {};
    line.remove_prefix(blank + 1);
  }
  return line.substr(0, kMaxReason);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// useragent.py CompatRequest._drop_payload: headers that describe the body leave with it.
bool describes_body(std::string_view name) {
  return same_name(name, "content-length") || same_name(name, "content-type") ||
         same_name(name, "content-encoding");
}

void append(CurlList& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    static_cast<void>(list.release());
    list.reset(longer);
  }
}

// The port is chosen when the destination is known: 28,000 connections of one address to each
// server instead of to all of them together.
void share_ports(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
}

Duration microseconds(curl_off_t us) { return std::chrono::microseconds(us); }

}  // namespace

Transfer::Transfer(const TransferSetup& setup, CURLSH* share)
    : setup_(setup), easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
  set(CURLOPT_SHARE, share);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_READFUNCTION, &Transfer::on_read);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_CLOSESOCKETFUNCTION, setup.close_socket);
  set(CURLOPT_CLOSESOCKETDATA, setup.socket_context);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  set(CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_ACCEPT_ENCODING, setup.accept_encoding.c_str());
  set(CURLOPT_COOKIEFILE, "");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // A CA directory would be read anew for each connection (18 ms); the file is cached.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_CAINFO, setup.ca_file.c_str());
}

const std::string& Transfer::host_to_resolve() const {
  static const std::string nobody;
  const bool none = peer().numeric || !applied_route_.unix_socket.empty() || asks_environment();
  return none ? nobody : peer().host;
}

void Transfer::begin(Exchange& exchange) {
  exchange_ = &exchange;
  exchange.response.clear();
  method_ = exchange.request.method;
  url_ = exchange.request.url;
  drop_body_ = drop_cookie_ = drop_authorization_ = false;
}

std::optional<Failure> Transfer::prepare_hop() {
  HttpResponse& response = exchange_->response;
  response.headers.clear();
  response.body.clear();
  response.content_length = 0;
  headers_complete_ = any_response_ = keep_begin_ = body_too_large_ = headers_too_large_ = false;
  requests_sent_ = 0;
  socket_errno_ = 0;
  error_[0] = '\0';
  if (auto failure = apply_url()) return failure;
  if (auto failure = apply_method()) return failure;
  std::string cookies;
  if (!request().cookies.empty() && !drop_authorization_) {
    for (const HttpCookie& cookie : request().cookies) {
      if (auto failure = invalid_cookie(cookie)) return failure;
    }
    cookies = cookie_line(request().cookies);
    hidden_cookies_ = take_jar_cookies(easy_.get(), request().cookies);
  }
  if (auto failure = apply_headers(cookies)) return failure;
  apply_login();
  if (applied_route_ != request().route) apply_route();
  const bool patient = request().timeout >= kCurlConnectTimeout;
  if (patient != applied_patient_) {
    set(CURLOPT_CONNECTTIMEOUT, patient ? kNoConnectTimeout : 0L);
    applied_patient_ = patient;
  }
  return std::nullopt;
}

std::optional<Failure> Transfer::apply_url() {
  if (url_ == applied_url_) return std::nullopt;
  applied_url_.clear();
  if (has_8bit(url_)) url_ = encode_illegal(url_);
  const bool redirected = exchange_->response.redirects > 0;
  const std::string_view prefix = origin_prefix(url_);
  if (prefix != origin_prefix_) {
    origin_prefix_.clear();
    Result<Origin> origin = parse_origin(url_);
    if (!origin)
      return Failure{redirected ? HttpErrorKind::kBadRedirect : HttpErrorKind::kInvalidRequest,
                     origin.error()};
    if (origin->scheme != "http" && origin->scheme != "https")
      return Failure{HttpErrorKind::kInvalidRequest,
                     "ValueError(" +
                         python_repr("unsupported URL scheme " + python_repr(origin->scheme)) +
                         ")"};
    origin_ = std::move(*origin);
    origin_prefix_ = prefix;
    pinned_generation_ = 0;
  }
  if (redirected && origin_ != first_origin_) drop_authorization_ = true;
  set(CURLOPT_URL, url_.c_str());
  applied_url_ = url_;
  return std::nullopt;
}

std::optional<Failure> Transfer::apply_method() {
  static const std::vector<HttpBodyPart> no_parts;
  const std::string& body = request().body;
  const std::vector<HttpBodyPart>& parts = drop_body_ ? no_parts : request().body_parts;
  if (auto failure = body_.begin(parts)) return failure;
  const std::uint64_t size = !parts.empty() ? body_.size() : drop_body_ ? 0 : body.size();
  const bool wants_length = method_ == "POST" || method_ == "PUT" || method_ == "PATCH";
  Form form = size > 0 || wants_length ? Form::kPost : Form::kGet;
  if (method_ == "HEAD") form = Form::kHead;

  if (method_ != applied_method_ || form != applied_form_) {
    if (!is_token(method_))
      return Failure{
          HttpErrorKind::kInvalidRequest,
          "ValueError(" + python_repr("invalid HTTP method " + python_repr(method_)) + ")"};
    const char* implied = "GET";
    if (form == Form::kHead) {
      set(CURLOPT_NOBODY, 1L);
      implied = "HEAD";
    } else if (form == Form::kPost) {
      set(CURLOPT_POST, 1L);
      implied = "POST";
    } else {
      set(CURLOPT_HTTPGET, 1L);
    }
    set(CURLOPT_CUSTOMREQUEST, method_ == implied ? nullptr : method_.c_str());
    applied_method_ = method_;
    applied_form_ = form;
  }
  if (form == Form::kPost) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    // Not copied: the exchange keeps the body until the transfer has ended. Null: on_read() has it.
    set(CURLOPT_POSTFIELDS, size == 0 ? "" : parts.empty() ? body.c_str() : nullptr);
  }
  return std::nullopt;
}

std::optional<Failure> Transfer::apply_headers(const std::string& cookies) {
  const HttpHeaders& headers = request().headers;
  const bool describes = applied_form_ == Form::kPost;
  if (headers_applied_ && describes == applied_describes_ && cookies == applied_cookies_ &&
      drop_body_ == applied_drop_body_ && drop_cookie_ == applied_drop_cookie_ &&
      drop_authorization_ == applied_drop_authorization_ && headers == applied_headers_)
    return std::nullopt;

  CurlList list;
  std::string cookie;
  // From its options curl would make the texts of these two anew for each request, byte by byte.
  const auto add_default = [&](const char* name, const std::string& value) {
    const bool is_given = std::any_of(headers.begin(), headers.end(),
                                      [&](const HttpHeader& h) { return same_name(h.name, name); });
    if (!is_given && !value.empty()) append(list, std::string(name) + ": " + value);
  };
  add_default("User-Agent", setup_.user_agent);
  add_default("Accept-Encoding", setup_.accept_encoding);
  // curl's own additions that stock does not send, unless the request names them.
  bool accept = false;
  bool expect = false;
  bool content_type = false;
  for (const HttpHeader& h : headers) {
    if (!is_token(h.name))
      return Failure{
          HttpErrorKind::kInvalidRequest,
          "ValueError(" + python_repr("invalid header field name " + python_repr(h.name)) + ")"};
    if (h.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Failure{HttpErrorKind::kInvalidRequest,
                     "ValueError(" +
                         python_repr("invalid value for header field " + python_repr(h.name) +
                                     ": " + python_repr(h.value)) +
                         ")"};
    if (drop_body_ && describes_body(h.name)) continue;
    if (drop_authorization_ && same_name(h.name, "authorization")) continue;
    if (same_name(h.name, "cookie")) {
      if (!cookie.empty()) cookie += "; ";
      cookie += h.value;
      continue;
    }
    accept |= same_name(h.name, "accept");
    expect |= same_name(h.name, "expect");
    content_type |= same_name(h.name, "content-type");
    append(list, h.value.empty() ? h.name + ";" : h.name + ": " + h.value);
  }
  if (!accept) append(list, "Accept:");
  // These two only where there may be a body: curl compares each of its own headers with the list.
  if (describes && !expect) append(list, "Expect:");
  if (describes && !content_type) append(list, "Content-Type:");
  set(CURLOPT_HTTPHEADER, list.get());
  header_list_ = std::move(list);
  // Given apart, curl joins them with the user's own cookies to one header. A redirect drops the
  // header, useragent.py CompatRequest._drop_cookies.
  if (drop_cookie_) cookie.clear();
  if (!cookies.empty()) cookie += (cookie.empty() ? "" : "; ") + cookies;
  set(CURLOPT_COOKIE, cookie.empty() ? nullptr : cookie.c_str());
  applied_cookies_ = cookies;
  applied_headers_ = headers;
  applied_describes_ = describes;
  applied_drop_body_ = drop_body_;
  applied_drop_cookie_ = drop_cookie_;
  applied_drop_authorization_ = drop_authorization_;
  headers_applied_ = true;
  return std::nullopt;
}

void Transfer::apply_login() {
  const auto& digest = request().digest;
  const bool wanted = digest && !drop_authorization_;
  if (wanted ? applied_digest_ == digest : !applied_digest_) return;
  applied_digest_ = wanted ? digest : std::nullopt;
  set(CURLOPT_HTTPAUTH, static_cast<long>(wanted ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
  set(CURLOPT_USERNAME, wanted ? digest->user.c_str() : nullptr);
  set(CURLOPT_PASSWORD, wanted ? digest->password.c_str() : nullptr);
}

void Transfer::leave_hop() {
  body_.close();
  if (hidden_cookies_.empty()) return;
  put_jar_cookies(easy_.get(), hidden_cookies_);
  hidden_cookies_.clear();
}

void Transfer::apply_route() {
  const HttpRoute& route = request().route;
  const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
  set(CURLOPT_SSL_VERIFYPEER, route.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, route.verify ? 2L : 0L);
  set(CURLOPT_HTTP_VERSION,
      static_cast<long>(route.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(CURLOPT_CAINFO, route.ca_file.empty() ? setup_.ca_file.c_str() : route.ca_file.c_str());
  set(CURLOPT_SSLCERT, text(route.cert_file));
  apply_proxy(route.proxy == kEnvironmentProxy ? "" : route.proxy);
  set(CURLOPT_PROXY_SSL_VERIFYPEER, route.verify ? 1L : 0L);
  set(CURLOPT_PROXY_SSL_VERIFYHOST, route.verify ? 2L : 0L);
  set(CURLOPT_PROXY_CAINFO, route.ca_file.empty() ? setup_.ca_file.c_str() : route.ca_file.c_str());
  set(CURLOPT_UNIX_SOCKET_PATH, text(route.unix_socket));
  // "host!": an address, not the name of an interface, which would be searched for each time.
  const std::string interface = "host!" + route.source_ip;
  set(CURLOPT_INTERFACE, route.source_ip.empty() ? nullptr : interface.c_str());
  // Requests sent together share one connection instead of opening one each.
  set(CURLOPT_PIPEWAIT, route.http2 ? 1L : 0L);
  applied_route_ = route;
}

bool Transfer::asks_environment() const {
  return setup_.environment_has_proxy && request().route.proxy == kEnvironmentProxy;
}

// Empty: none, or what the environment says.
void Transfer::apply_proxy(const std::string& proxy) {
  set(CURLOPT_PROXY, asks_environment() ? nullptr : proxy.c_str());
  set(CURLOPT_NOPROXY, asks_environment() ? nullptr : proxy.empty() ? "*" : "");
  // Which of the environment's proxies serves a host, and where, only curl knows.
  set(CURLOPT_DNS_CACHE_TIMEOUT, asks_environment() ? kDnsCacheSeconds : -1L);
  proxy_.reset();
  pinned_generation_ = 0;
  if (proxy.empty()) return;
  // With these two curl looks the hop's host up here.
  if (proxy.starts_with("socks4:") || proxy.starts_with("socks5:")) return;
  if (auto origin = parse_proxy(proxy)) proxy_ = std::move(*origin);
}

void Transfer::set_addresses(const std::vector<std::string>& addresses,
                             const std::vector<std::string>& outdated) {
  std::string entry = peer().host + ":" + peer().port + ":";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i > 0) entry += ',';
    const bool v6 = addresses[i].find(':') != std::string::npos;
    entry += v6 ? "[" + addresses[i] + "]" : addresses[i];
  }
  CurlList list;
  append(list, entry);
  for (const std::string& host_port : outdated) append(list, "-" + host_port);
  set(CURLOPT_RESOLVE, list.get());
  resolve_list_ = std::move(list);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& t = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  HttpResponse& response = t.exchange_->response;
  response.content_length += bytes;
  const bool keep_all = t.request().keep_body;
  if (!keep_all && !t.keep_begin_) return bytes;
  if (keep_all && response.content_length > t.setup_.max_body_bytes) {
    t.body_too_large_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    // Without keep_body the body holds nothing but this.
    const std::size_t evidence = kEvidenceBytes - std::min(kEvidenceBytes, response.body.size());
    response.body.append(data, keep_all ? bytes : std::min(bytes, evidence));
  } catch (const std::bad_alloc&) {  // no exception may cross curl
    return CURL_WRITEFUNC_ERROR;
  }
  return bytes;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& t = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  t.any_response_ = true;
  const std::string_view line(data, bytes);
  std::string& headers = t.exchange_->response.headers;
  if (line == "\r\n" || line == "\n") {
    t.headers_complete_ = true;
  } else if (line.starts_with("HTTP/")) {
    t.headers_complete_ = false;  // an interim response before, or none
    headers.clear();
    const std::size_t status = line.find(' ') + 1;
    const bool refused = status > 0 && status < line.size() && line[status] >= '4';
    t.keep_begin_ = refused || t.request().keep_begin;
    if (t.request().keep_headers) t.exchange_->response.reason = reason_of(line);
  } else if (t.request().keep_headers || t.keep_begin_) {
    // curl bounds a response's headers to 300 KB, but not the trailers of a chunked body.
    if (headers.size() + bytes > kMaxHeaderBytes) {
      t.headers_too_large_ = true;
      return 0;
    }
    try {
      headers.append(line);
    } catch (const std::bad_alloc&) {
      return 0;
    }
  }
  return bytes;
}

// curl does not tell why a socket could not be had.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& t = *static_cast<Transfer*>(self);
  const int fd = t.setup_.open_socket(t.setup_.socket_context, *address);
  if (fd >= 0 && !t.applied_route_.source_ip.empty()) share_ports(fd);
  t.socket_errno_ = fd < 0 ? errno : 0;
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
  // Not the answer to a challenge: the server has refused the first request.
  const bool answers_challenge = t.applied_digest_ && t.headers_complete_;
  return again && !answers_challenge && !is_idempotent(t.method_) ? CURL_PREREQFUNC_ABORT
                                                                  : CURL_PREREQFUNC_OK;
}

bool Transfer::finish_hop(CURLcode code) {
  leave_hop();
  HttpResponse& response = exchange_->response;
  if (code == CURLE_OK && !headers_complete_) {
    fail(truncated_headers_failure());
    return false;
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (headers_complete_) response.status = static_cast<int>(status);
  read_phases();
  if (code != CURLE_OK) {
    fail(describe(code));
    return false;
  }
  if (!request().allow_redirects || request().max_redirects <= 0 || !is_redirect(response.status))
    return false;
  char* target = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
  return target != nullptr && redirect_to(encode_illegal(target));
}

// useragent.py UserAgent.urlopen and CompatRequest.redirect.
bool Transfer::redirect_to(const std::string& target) {
  HttpResponse& response = exchange_->response;
  const int status = std::exchange(response.status, 0);
  if (response.redirects == request().max_redirects) {
    fail(redirect_limit_failure(request().url, request().max_redirects));
    return false;
  }
  // What is no scheme could be anything a server likes, a row of errors for each response.
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
  if (headers_too_large_) return headers_too_large_failure();
  if (body_too_large_) return body_too_large_failure(setup_.max_body_bytes);
  long os_errno = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_errno);
  std::string_view encoding;
  curl_header* header = nullptr;
  if (curl_easy_header(easy_.get(), "Content-Encoding", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    encoding = header->value;
  return describe_failure(
      {.code = code,
       .os_errno = socket_errno_ != 0 ? socket_errno_ : static_cast<int>(os_errno),
       .detail = error_.data(),
       .url = request().url,
       .hop_url = url_,
       .host = origin_.host,
       .content_encoding = encoding,
       .any_response = any_response_,
       .headers_complete = headers_complete_});
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
    if (headers_complete_) exchange_->response.status = static_cast<int>(status);
    read_phases();
    long local_port = 0;  // known once TCP is connected
    curl_easy_getinfo(easy_.get(), CURLINFO_LOCAL_PORT, &local_port);
    in_handshake = origin_.scheme == "https" && local_port > 0 && requests_sent_ == 0;
  }
  fail(timeout_failure(request().url, in_handshake, headers_complete_));
}

}  // namespace locust::worker
