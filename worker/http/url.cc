#include "worker/http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <memory>

#include "common/base/python_repr.h"
#include "worker/http/curl_handle.h"

namespace locust::worker {
namespace {

struct CurlFree {
  void operator()(char* text) const { curl_free(text); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, CurlFree> owner(text);
  return text;
}

std::string parse_error_text(CURLUcode code, const std::string& url) {
  switch (code) {
    case CURLUE_BAD_PORT_NUMBER:
      return "ValueError('Port out of range 0-65535')";
    case CURLUE_BAD_IPV6:
      return "ValueError('Invalid IPv6 URL')";
    default:
      return "ValueError(" + python_repr("invalid URL " + python_repr(url)) + ")";
  }
}

bool is_address(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  return ::inet_pton(AF_INET, host.c_str(), &v4) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
}

// If the URL has no port, the origin has its scheme's default port with CURLU_DEFAULT_PORT,
// otherwise none.
Result<Origin> parse_url(const std::string& url, unsigned port_flags) {
  init_curl();
  const CurlUrl parsed(curl_url());
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(),
                                      CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return Error{parse_error_text(code, url)};
  Origin origin;
  origin.scheme = part(parsed.get(), CURLUPART_SCHEME, 0);
  origin.host = part(parsed.get(), CURLUPART_HOST, CURLU_PUNYCODE);
  origin.port = part(parsed.get(), CURLUPART_PORT, port_flags);
  if (origin.host.size() > 2 && origin.host.front() == '[')
    origin.host = origin.host.substr(1, origin.host.size() - 2);
  std::transform(origin.host.begin(), origin.host.end(), origin.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  origin.numeric = is_address(origin.host);
  return origin;
}

}  // namespace

std::string_view origin_prefix(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
}

Result<Origin> parse_origin(const std::string& url) { return parse_url(url, CURLU_DEFAULT_PORT); }

Result<Origin> parse_proxy(const std::string& url) {
  auto origin = parse_url(url, 0);
  if (origin && origin->port.empty()) origin->port = origin->scheme == "https" ? "443" : "1080";
  return origin;
}

bool has_8bit(std::string_view url) {
  return std::any_of(url.begin(), url.end(), [](char c) { return (c & 0x80) != 0; });
}

std::string encode_illegal(std::string_view url) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(url.size() + 16);
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

}  // namespace locust::worker
