#include "master/web/origin_check.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/base/printable.h"
#include "common/base/sysinfo.h"
#include "common/base/text.h"

namespace locust::master::web {
namespace {

constexpr std::string_view kEverything = "*";
constexpr std::string_view kRemedy = "--web-allowed-hosts (LOCUST_WEB_ALLOWED_HOSTS)";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

struct Authority {
  std::string host;  // in lower case, without brackets and final dot
  std::string port;  // empty if none is given
};

// "host", "host:port", "[address]:port".
Authority parse_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (bracket != std::string_view::npos) host = text.substr(1, bracket - 1);
  if (host.ends_with('.')) host.remove_suffix(1);
  return {lower_case(host), std::string(port)};
}

// The name and port of an Origin header or a URL, by default the scheme's port; "null" and similar
// have no host.
Authority parse_origin(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view rest = origin.substr(scheme + 3);
  Authority authority = parse_authority(rest.substr(0, rest.find_first_of("/?#")));
  if (authority.port.empty()) authority.port = origin.starts_with("https:") ? "443" : "80";
  return authority;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), address.data()) == 1;
}

bool is_loopback_name(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

// "name", ".name" and "*.name".
bool matches(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with("*.")) {
    return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
  }
  if (!pattern.starts_with('.')) return host == pattern;
  return host == pattern.substr(1) || host.ends_with(pattern);
}

bool is_host_pattern(std::string_view text) {
  if (text == kEverything || is_address(std::string(text))) return true;
  if (text.starts_with("*.")) text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

Result<std::vector<std::string>> parse_allowed_hosts(const std::vector<std::string>& values) {
  std::vector<std::string> hosts;
  for (std::string_view rest : values) {
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string host = lower_case(trimmed(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (host.empty()) continue;
      if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
      if (!is_host_pattern(host)) {
        return Error{"--web-allowed-hosts: '" + quoted_part(host) +
                     "' is no host; give names alone, without scheme, port and path, such as "
                     "'locust.example.com', or '.example.com' for all below it"};
      }
      hosts.push_back(std::move(host));
    }
  }
  return hosts;
}

OriginCheck::OriginCheck(std::vector<std::string> allowed_hosts)
    : listed_(std::move(allowed_hosts)),
      own_names_{lower_case(host_name()), lower_case(short_host_name()),
                 lower_case(short_host_name()) + ".local"} {}

void OriginCheck::allow(std::string_view name_or_url) {
  const std::string host = name_or_url.find("://") == std::string_view::npos
                               ? parse_authority(name_or_url.substr(0, name_or_url.find('/'))).host
                               : parse_origin(name_or_url).host;
  if (!host.empty() && host != kEverything) own_names_.push_back(host);
}

bool OriginCheck::is_listed(std::string_view host) const {
  return std::ranges::any_of(listed_,
                             [host](const std::string& pattern) { return matches(pattern, host); });
}

bool OriginCheck::is_allowed(std::string_view host) const {
  return is_address(std::string(host)) || is_loopback_name(host) ||
         std::ranges::find(own_names_, host) != own_names_.end() || is_listed(host);
}

std::optional<std::string> OriginCheck::refusal(const Request& request, bool changes) const {
  if (std::ranges::find(listed_, kEverything) != listed_.end()) return std::nullopt;
  const Authority reached = parse_authority(request.header("host"));
  if (!reached.host.empty() && !is_allowed(reached.host)) {
    const std::string name = quoted_part(reached.host);
    return "This master does not answer under the name '" + name +
           "'. If it is one of its names, give " + name + " to " + std::string(kRemedy);
  }
  // Only browsers send this header, and no page can set it. It refers to the address that the
  // browser uses, so it is also correct behind a proxy that forwards another Host.
  const std::string_view site = request.header("sec-fetch-site");
  if (site == "same-origin") return std::nullopt;
  if (const std::string_view origin = request.header("origin"); !origin.empty()) {
    const Authority from = parse_origin(origin);
    const bool same_port =
        from.port == reached.port ||
        (reached.port.empty() && from.port == (origin.starts_with("https:") ? "443" : "80"));
    const bool same = !from.host.empty() && from.host == reached.host && same_port;
    if (same || is_listed(from.host)) return std::nullopt;
    return "Pages of another site (Origin: " + quoted_part(origin) +
           ") may not ask this master. If it is reached through that name, give it to " +
           std::string(kRemedy);
  }
  if (changes && !site.empty() && site != "none") {
    return "Pages of another site (Sec-Fetch-Site: " + quoted_part(site) +
           ") may not change a test";
  }
  return std::nullopt;
}

}  // namespace locust::master::web
