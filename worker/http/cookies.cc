#include "worker/http/cookies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>
#include <utility>

#include "common/base/python_repr.h"

namespace locust::worker {
namespace {

// domain, include subdomains, path, secure, expires, name, value
constexpr std::size_t kFields = 7;
using Fields = std::array<std::string_view, kFields>;

constexpr std::string_view kHttpOnly = "#HttpOnly_";  // before the domain
constexpr std::string_view kTrue = "TRUE";
constexpr std::string_view kFalse = "FALSE";
// The number that RFC 6265 requires of a browser. curl itself has no limit.
constexpr std::size_t kMaxListed = 3000;

Fields split(std::string_view line) {
  Fields fields{};
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto end = i + 1 < kFields ? line.find('\t') : line.size();
    fields[i] = line.substr(0, end);
    if (end >= line.size()) break;
    line.remove_prefix(end + 1);
  }
  return fields;
}

CurlList jar_lines(CURL* easy) {
  curl_slist* lines = nullptr;
  curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &lines);
  return CurlList(lines);
}

void add_line(CURL* easy, const std::string& line) {
  curl_easy_setopt(easy, CURLOPT_COOKIELIST, line.c_str());
}

std::string line_of(const Fields& fields, std::string_view expires) {
  std::string line;
  for (std::size_t i = 0; i < kFields; ++i) {
    if (i > 0) line += '\t';
    line += i == 4 ? expires : fields[i];
  }
  return line;
}

// The only way to remove a cookie from the jar is to add an expired one with the same key.
void expire(CURL* easy, const Fields& fields) { add_line(easy, line_of(fields, "1")); }

bool same_key(const Fields& a, const Fields& b) {
  return a[0] == b[0] && a[2] == b[2] && a[5] == b[5];
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

KeptCookie kept(Fields fields) {
  KeptCookie cookie;
  cookie.http_only = fields[0].starts_with(kHttpOnly);
  if (cookie.http_only) fields[0].remove_prefix(kHttpOnly.size());
  if (fields[0].starts_with('.')) fields[0].remove_prefix(1);
  cookie.domain = fields[0];
  cookie.subdomains = fields[1] == kTrue;
  cookie.path = fields[2];
  cookie.secure = fields[3] == kTrue;
  std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), cookie.expires);
  cookie.name = fields[5];
  cookie.value = fields[6];
  return cookie;
}

std::string text_of(bool flag) { return std::string(flag ? kTrue : kFalse); }

// Whether it is valid as a line of the jar and in a Cookie header.
bool can_be_kept(const KeptCookie& cookie) {
  const std::string_view domain = cookie.domain;
  return !domain.empty() && domain.front() != '#' && domain.front() != '.' &&
         !cookie.path.empty() && !cookie.name.empty() &&
         cookie.name.find_first_of("=;") == std::string::npos &&
         cookie.value.find(';') == std::string::npos && !has_controls(domain) &&
         !has_controls(cookie.path) && !has_controls(cookie.name) && !has_controls(cookie.value);
}

}  // namespace

std::vector<KeptCookie> jar_cookies(CURL* easy) {
  std::vector<KeptCookie> cookies;
  const CurlList lines = jar_lines(easy);
  // The jar drops those that have expired by curl's clock, but not before the next request.
  const std::int64_t now = std::time(nullptr);  // real-time
  for (const curl_slist* line = lines.get(); line != nullptr; line = line->next) {
    if (cookies.size() == kMaxListed) break;
    KeptCookie cookie = kept(split(line->data));
    if (cookie.expires == 0 || cookie.expires >= now) cookies.push_back(std::move(cookie));
  }
  return cookies;
}

bool keep_jar_cookie(CURL* easy, const KeptCookie& cookie) {
  if (!can_be_kept(cookie)) return false;
  add_line(easy, (cookie.http_only ? std::string(kHttpOnly) : std::string()) +
                     (cookie.subdomains ? "." : "") + cookie.domain + '\t' +
                     text_of(cookie.subdomains) + '\t' + cookie.path + '\t' +
                     text_of(cookie.secure) + '\t' + std::to_string(cookie.expires) + '\t' +
                     cookie.name + '\t' + cookie.value);
  return true;
}

void clear_jar(CURL* easy) { add_line(easy, "ALL"); }

std::optional<Failure> invalid_cookie(const HttpCookie& cookie) {
  const std::string value = cookie.value.value_or("");
  if (!cookie.name.empty() && cookie.name.find_first_of("=;, ") == std::string::npos &&
      !has_controls(cookie.name) && value.find(';') == std::string::npos && !has_controls(value))
    return std::nullopt;
  return Failure{
      HttpErrorKind::kInvalidRequest,
      "ValueError(" + python_repr("invalid value for cookie " + python_repr(cookie.name)) + ")"};
}

std::string cookie_line(const std::vector<HttpCookie>& cookies) {
  std::string line;
  for (const HttpCookie& cookie : cookies) {
    if (!cookie.value) continue;
    if (!line.empty()) line += "; ";
    line += cookie.name + "=" + *cookie.value;
  }
  return line;
}

void set_jar_cookie(CURL* easy, const std::string& host, bool secure, const HttpCookie& cookie) {
  if (invalid_cookie(cookie)) return;
  take_jar_cookies(easy, {cookie});
  // Cookies without a host are not among the lines.
  add_line(easy, "Set-Cookie: " + cookie.name + "=; Max-Age=0");
  if (!cookie.value) return;
  if (host.empty()) return add_line(easy, "Set-Cookie: " + cookie.name + "=" + *cookie.value);
  add_line(easy,
           host + "\tFALSE\t/\t" + text_of(secure) + "\t0\t" + cookie.name + "\t" + *cookie.value);
}

std::vector<std::string> take_jar_cookies(CURL* easy, const std::vector<HttpCookie>& names) {
  std::vector<std::string> taken;
  const CurlList lines = jar_lines(easy);
  for (const curl_slist* line = lines.get(); line != nullptr; line = line->next) {
    const Fields fields = split(line->data);
    const bool wanted = std::any_of(names.begin(), names.end(),
                                    [&](const HttpCookie& c) { return c.name == fields[5]; });
    if (!wanted) continue;
    taken.emplace_back(line->data);
    expire(easy, fields);
  }
  return taken;
}

void put_jar_cookies(CURL* easy, const std::vector<std::string>& lines) {
  const CurlList present = jar_lines(easy);
  for (const std::string& line : lines) {
    const Fields fields = split(line);
    bool replaced = false;
    for (const curl_slist* p = present.get(); p != nullptr && !replaced; p = p->next)
      replaced = same_key(split(p->data), fields);
    if (!replaced) add_line(easy, line);
  }
}

}  // namespace locust::worker
