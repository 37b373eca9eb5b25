#include "worker/http/transfer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "common/base/python_repr.h"
#include "worker/http/cookies.h"
#include "worker/http/header_name.h"

namespace locust::worker {
namespace {

// curl's default, 64 KiB, stays allocated with each handle that has sent a body.
constexpr long kUploadBuffer = 16L << 10;
// Longer than any test: an idle user's connection stays usable as long as the server keeps it.
constexpr long kMaxIdleSeconds = 7L * 24 * 3600;
// The engine has its own timeouts; curl's limit on connecting must not be shorter.
constexpr Duration kCurlConnectTimeout = std::chrono::seconds(300);
constexpr long kNoConnectTimeout = 7L * 24 * 3600;

constexpr std::string_view kEnvironmentProxy = "env";
constexpr long kDnsCacheSeconds = 60;  // of names that curl resolves itself

// useragent.py CompatRequest._drop_payload: headers that describe the body are dropped with it.
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

}  // namespace

Transfer::Transfer(const TransferSetup& setup, CURLSH* share, void* owner)
    : setup_(setup), share_(share), owner_(owner) {
  open_handle();
}

void Transfer::open_handle() {
  easy_.reset(curl_easy_init());
  if (!easy_) throw std::bad_alloc();
  applied_ = {};
  proxy_.reset();
  spent_ = false;
  set(CURLOPT_SHARE, share_);
  set(CURLOPT_PRIVATE, owner_);
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
  set(CURLOPT_CLOSESOCKETFUNCTION, setup_.close_socket);
  set(CURLOPT_CLOSESOCKETDATA, setup_.context);
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
  set(CURLOPT_COOKIEFILE, "");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // A CA directory would be read again for each connection (18 ms); the file is cached.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_CAINFO, setup_.ca_file.c_str());
}

const std::string& Transfer::host_to_resolve() const {
  static const std::string nobody;
  const bool none = peer().numeric || !applied_.route.unix_socket.empty() || asks_environment();
  return none ? nobody : peer().host;
}

void Transfer::begin(Exchange& exchange) {
  if (spent_ || would_reach_next(exchange.request)) open_handle();
  exchange_ = &exchange;
  exchange.response.clear();
  method_ = exchange.request.method;
  url_ = exchange.request.url;
  drop_body_ = drop_cookie_ = drop_authorization_ = false;
}

// Whether state of the easy handle beyond its options would affect the next request: curl keeps the
// host of the Host header, which decides whose cookies are sent, and answers the challenge of a
// digest login again.
bool Transfer::would_reach_next(const HttpRequest& next) const {
  if (applied_.digest && applied_.digest != next.digest) return true;
  return applied_.host &&
         std::none_of(next.headers.begin(), next.headers.end(),
                      [](const HttpHeader& h) { return same_name(h.name, "host"); });
}

std::optional<Failure> Transfer::prepare_hop() {
  HttpResponse& response = exchange_->response;
  response.headers.clear();
  response.body.clear();
  response.content_length = 0;
  head_.begin();
  decoder_.reset();
  failure_.reset();
  piece_taken_ = 0;
  work_left_ = kWorkBytes;
  keep_begin_ = false;
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
  if (applied_.route != request().route) apply_route();
  const bool patient = request().timeout >= kCurlConnectTimeout;
  if (patient != applied_.patient) {
    set(CURLOPT_CONNECTTIMEOUT, patient ? kNoConnectTimeout : 0L);
    applied_.patient = patient;
  }
  return std::nullopt;
}

std::optional<Failure> Transfer::apply_url() {
  if (url_ == applied_.url) return std::nullopt;
  applied_.url.clear();
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
  applied_.url = url_;
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

  if (method_ != applied_.method || form != applied_.form) {
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
    applied_.method = method_;
    applied_.form = form;
  }
  if (form == Form::kPost) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    // Not copied: the exchange keeps the body until the transfer has ended. If null, on_read()
    // provides the body.
    set(CURLOPT_POSTFIELDS, size == 0 ? "" : parts.empty() ? body.c_str() : nullptr);
  }
  return std::nullopt;
}

std::optional<Failure> Transfer::apply_headers(const std::string& cookies) {
  const HttpHeaders& headers = request().headers;
  const bool describes = applied_.form == Form::kPost;
  if (applied_.any_headers && describes == applied_.describes && cookies == applied_.cookies &&
      drop_body_ == applied_.drop_body && drop_cookie_ == applied_.drop_cookie &&
      drop_authorization_ == applied_.drop_authorization && headers == applied_.headers)
    return std::nullopt;

  CurlList list;
  std::string cookie;
  // From its own options curl would assemble these two lines for each request, byte by byte.
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
  bool host = false;
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
    host |= same_name(h.name, "host");
    content_type |= same_name(h.name, "content-type");
    append(list, h.value.empty() ? h.name + ";" : h.name + ": " + h.value);
  }
  if (!accept) append(list, "Accept:");
  // Only if there may be a body: curl compares each of its own headers with the list.
  if (describes && !expect) append(list, "Expect:");
  if (describes && !content_type) append(list, "Content-Type:");
  set(CURLOPT_HTTPHEADER, list.get());
  header_list_ = std::move(list);
  // Set separately, curl joins them and the user's own cookies in one header. A redirect drops the
  // header (useragent.py CompatRequest._drop_cookies).
  if (drop_cookie_) cookie.clear();
  if (!cookies.empty()) cookie += (cookie.empty() ? "" : "; ") + cookies;
  set(CURLOPT_COOKIE, cookie.empty() ? nullptr : cookie.c_str());
  applied_.cookies = cookies;
  applied_.headers = headers;
  applied_.describes = describes;
  applied_.drop_body = drop_body_;
  applied_.drop_cookie = drop_cookie_;
  applied_.drop_authorization = drop_authorization_;
  applied_.any_headers = true;
  applied_.host = host;
  return std::nullopt;
}

void Transfer::apply_login() {
  const auto& digest = request().digest;
  const bool wanted = digest && !drop_authorization_;
  if (wanted ? applied_.digest == digest : !applied_.digest) return;
  applied_.digest = wanted ? digest : std::nullopt;
  set(CURLOPT_HTTPAUTH, static_cast<long>(wanted ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
  set(CURLOPT_USERNAME, wanted ? digest->user.c_str() : nullptr);
  set(CURLOPT_PASSWORD, wanted ? digest->password.c_str() : nullptr);
}

void Transfer::leave_hop() {
  body_.close();
  decoder_.reset();
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
  // "host!" marks an address. curl would search interface names first otherwise.
  const std::string interface = "host!" + route.source_ip;
  set(CURLOPT_INTERFACE, route.source_ip.empty() ? nullptr : interface.c_str());
  // Parallel requests share one connection instead of opening one each.
  set(CURLOPT_PIPEWAIT, route.http2 ? 1L : 0L);
  applied_.route = route;
}

bool Transfer::asks_environment() const {
  return setup_.environment_has_proxy && request().route.proxy == kEnvironmentProxy;
}

// If `proxy` is empty, there is none, or that of the environment variables.
void Transfer::apply_proxy(const std::string& proxy) {
  set(CURLOPT_PROXY, asks_environment() ? nullptr : proxy.c_str());
  set(CURLOPT_NOPROXY, asks_environment() ? nullptr : proxy.empty() ? "*" : "");
  // Only curl knows which of the environment's proxies serves a host.
  set(CURLOPT_DNS_CACHE_TIMEOUT, asks_environment() ? kDnsCacheSeconds : -1L);
  proxy_.reset();
  pinned_generation_ = 0;
  if (proxy.empty()) return;
  // With these two schemes curl resolves the hop's host on this machine.
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

}  // namespace locust::worker
