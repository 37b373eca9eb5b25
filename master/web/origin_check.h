// OriginCheck: accepts or refuses requests by their host name and the site that causes them. A
// browser sends requests on behalf of every page that it shows. Pages of other sites must neither
// start a test nor, if their name resolves to this machine (DNS rebinding), read one. The rules for
// names are those of Vite, webpack-dev-server and Jupyter, the rules for sites those of Fetch
// Metadata. Requests that do not come from a browser have neither header and are accepted, as in
// stock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "master/web/http.h"

namespace locust::master::web {

// Splits the values of --web-allowed-hosts, which are separated by commas, and converts them to
// lower case: "*" (everything), "name", ".name" (the domain and its subdomains) or "*.name" (its
// subdomains). The error names the value.
Result<std::vector<std::string>> parse_allowed_hosts(const std::vector<std::string>& values);

// Immutable, so usable from any thread.
class OriginCheck final {
 public:
  // This machine's names are always allowed: IP addresses, localhost and its subdomains, the host
  // name, also with .local. With "*" nothing is refused.
  explicit OriginCheck(std::vector<std::string> allowed_hosts = {});

  // Allows the host of a name or URL, such as that of --web-host. Addresses and "*" change nothing.
  void allow(std::string_view name_or_url);

  // Why a request is refused, as a sentence that names the remedy; nullopt if it is accepted.
  // `changes`: it would change something.
  std::optional<std::string> refusal(const Request& request, bool changes) const;

 private:
  bool is_allowed(std::string_view host) const;
  bool is_listed(std::string_view host) const;

  std::vector<std::string> listed_;
  std::vector<std::string> own_names_;
};

}  // namespace locust::master::web
