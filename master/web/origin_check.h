// OriginCheck: whom the web server answers, by the name that a request reaches it under and the
// site that causes it. A browser sends requests for every page it shows, also for strangers' pages:
// those must neither start a test nor, once their name resolves to this machine (DNS rebinding),
// read one. The rules are those of Vite, webpack-dev-server and Jupyter for names, and of Fetch
// Metadata for sites; what no browser has sent carries neither header and passes, as with stock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "master/web/http.h"

namespace locust::master::web {

// The values of --web-allowed-hosts, each a list with commas between its elements, in lower case
// and one by one: "*" (everything), "name", ".name" (it and all below it) or "*.name" (all below
// it). The error names the value.
Result<std::vector<std::string>> parse_allowed_hosts(const std::vector<std::string>& values);

// Immutable, so any thread may ask.
class OriginCheck final {
 public:
  // This machine's names are allowed without being listed: IP addresses, localhost and all below
  // it, the host name, also below .local. With "*" nothing is refused.
  explicit OriginCheck(std::vector<std::string> allowed_hosts = {});

  // Allows the host of a name or URL, such as that of --web-host. Addresses and "*" change nothing.
  void allow(std::string_view name_or_url);

  // Why a request is refused, as a sentence that names the remedy; nullopt if it is answered.
  // `changes`: it would change something.
  std::optional<std::string> refusal(const Request& request, bool changes) const;

 private:
  bool is_allowed(std::string_view host) const;
  bool is_listed(std::string_view host) const;

  std::vector<std::string> listed_;
  std::vector<std::string> own_names_;
};

}  // namespace locust::master::web
